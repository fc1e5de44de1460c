import type { SessionEvent, StreamChange } from '../../../lab/session/events.ts';
import { STATE_WORDS } from '../../../shared/preflight/states.ts';
import { count, counted } from '../../output/amounts.ts';
import { printable, shorten } from '../../output/display-text.ts';
import { API_NAMES } from './tenant-table.ts';

/** A line for people, without its time; undefined for what only a log wants. */
export interface EventText {
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad';
}

const SIGN_INS = {
  federated: 'federated credential (a managed identity vouches; no secret)',
  secret: 'the secret from Key Vault',
} as const;
const SERVICE_NAMES: Readonly<Record<string, string>> = { entra: 'Entra ID', ...API_NAMES };
const TITLE_WIDTH = 50;

/** What an event is to somebody who watches. */
export function eventText(event: SessionEvent): EventText | undefined {
  switch (event.kind) {
    case 'cloudUp':
      return plain(
        `The cloud is up: Entra ID, managed identity, Key Vault, Graph, Defender XDR, Storage${event.storedIn === undefined ? '' : ` (kept in ${event.storedIn})`}`,
      );
    case 'served':
      return plain(
        `${event.tenant.name} has ${counted(event.incidents, 'incident')} (${ORIGINS[event.from]})`,
      );
    case 'hunts':
      return huntsText(event);
    case 'contained':
      return plain('Checked: what the app sends stays in the lab; nothing reaches the internet');
    case 'listening':
      return plain(`Outrider runs: ${counted(event.functions, 'function')}, API at ${event.url}/api`);
    case 'identity':
      return plain('Managed identity: Outrider has its first token');
    case 'secretRead':
      return plain(`${event.tenant.name}: app secret read from Key Vault`);
    case 'signedIn':
      return plain(`${event.tenant.name}: signed in by ${SIGN_INS[event.tenant.credential]}`);
    case 'firstPage':
      return plain(`${event.tenant.name}: first answer from ${API_NAMES[event.tenant.api]}`);
    case 'joined':
      return good(`${event.tenant.name}: ${JOINED[event.how]}`);
    case 'lookedOver':
      return lookedOverText(event);
    case 'loaded':
      return good(
        `${event.tenant.name}: loaded, ${counted(event.incidents, 'incident')} in ${counted(event.versions, 'version')}`,
      );
    case 'synced':
      return good(`${event.tenant.name}: ${syncedText(event)}`);
    case 'trouble':
      return bad(troubleText(event));
    case 'failing':
      return bad(`${event.tenant.name}: the sync fails: ${printable(event.text)}`);
    case 'hunted':
      return huntedText(event);
    case 'huntFailing':
      return bad(`${event.tenant.name}: the scheduled hunt ${event.query} fails: ${printable(event.code)}`);
    case 'noHunt':
      return bad(printable(event.text));
    case 'refused':
      return bad(`The app tried to reach ${printable(event.target)}, which is not part of the lab: refused`);
    case 'defect':
      return bad(`A defect of the lab itself: ${printable(event.text)}`);
    case 'loading':
    case 'changed':
    case 'said':
      return undefined;
  }
}

const ORIGINS = {
  generated: 'generated',
  files: 'from your files',
  both: 'generated, and from your files',
} as const;

const JOINED = {
  invitation: 'connected by invitation',
  kept: 'connected before, as the kept storage has it',
} as const;

const plain = (text: string): EventText => ({ text, tone: 'plain' });
const good = (text: string): EventText => ({ text, tone: 'good' });
const bad = (text: string): EventText => ({ text, tone: 'bad' });

const WORDS: Readonly<Record<string, string>> = STATE_WORDS;
/** What a customer is connected for; response to incidents is consented to when somebody wants it. */
const NEEDED: readonly string[] = ['incidents', 'alerts', 'hunting'];

function lookedOverText({ tenant, states }: Extract<SessionEvent, { kind: 'lookedOver' }>): EventText {
  const fine = states.filter(([, state]) => state === 'ok').map(([capability]) => capability);
  const wrong = states.filter(([, state]) => state !== 'ok');
  const parts = [
    ...(fine.length > 0 ? [`${fine.join(', ')} ok`] : []),
    ...wrong.map(([capability, state]) => printable(`${capability} ${WORDS[state] ?? state}`)),
  ];
  const isBad = wrong.some(([capability]) => NEEDED.includes(capability));
  return (isBad ? bad : plain)(`${tenant.name}: checked: ${parts.join('; ')}`);
}

function syncedText(event: SessionEvent & { readonly kind: 'synced' }): string {
  const parts = [
    ...(event.incidents > 0 ? [counted(event.incidents, 'new incident')] : []),
    counted(event.versions, 'new version'),
  ];
  const [change] = event.changes;
  const upstream =
    change === undefined
      ? ''
      : event.changes.length === 1
        ? `, after ${changeText(change)}`
        : `, after ${count(event.changes.length)} changes upstream`;
  return `${parts.join(', ')} stored${upstream}`;
}

function troubleText(event: SessionEvent & { readonly kind: 'trouble' }): string {
  const how = event.answer === 'cut' ? 'cut the connection' : `answered ${event.answer}`;
  const often = event.times === 1 ? '' : `, ${count(event.times)} times`;
  return `${event.tenant.name}: ${SERVICE_NAMES[event.service] ?? event.service} ${how}${often}`;
}

const CHANGES: Readonly<Record<StreamChange['kind'], string>> = {
  create: 'new',
  storm: 'new, with hundreds of alerts',
  update: 'updated',
  comment: 'commented',
  addAlert: 'one more alert',
  updateAlert: 'alert updated',
  resolve: 'resolved',
  merge: 'merged into another',
};

/** A change upstream in a few words. */
export function changeText({ kind, incidentId, title }: StreamChange): string {
  return `incident ${incidentId} ${CHANGES[kind]} (${shorten(printable(title), TITLE_WIDTH)})`;
}

/** Undefined for a hunt that found nothing: most do. */
function huntedText({
  tenant,
  query,
  ...found
}: Extract<SessionEvent, { kind: 'hunted' }>): EventText | undefined {
  const parts = [
    ...(found.announced > 0 ? [counted(found.announced, 'new finding')] : []),
    ...(found.learned > 0 ? [`${counted(found.learned, 'finding')} learned silently`] : []),
    ...(found.seenAgain > 0 ? [`${count(found.seenAgain)} seen again`] : []),
  ];
  return parts.length === 0
    ? undefined
    : good(`${tenant.name}: hunt ${printable(query)}: ${parts.join(', ')}`);
}

function huntsText({ queries, faults }: Extract<SessionEvent, { kind: 'hunts' }>): EventText {
  const [first] = faults;
  if (first === undefined)
    return plain(`Hunts for ${counted(queries, 'query', 'queries')} are answered from files`);
  const more = faults.length === 1 ? '' : ` (and ${faults.length - 1} more)`;
  return bad(`${printable(first.file)}: ${printable(first.reason)}${more}`);
}
