import { type IncidentFilter, listIncidents } from '../shared/incidents/list-incidents.ts';
import type { IncidentRecord } from '../shared/incidents/records.ts';
import { addTicks } from '../shared/time.ts';
import { createRandom } from '../test/faults/random.ts';
import { EPOCH, recordWith, type StoredIncidents, storeWith } from '../test/support/stored-incidents.ts';
import { TENANT_ID } from '../test/support/tenant-with.ts';
import type { Bench, Result } from './measure.ts';

const STORED = 100_000;
const PAGE = 200;
const MOST_ROWS = 5_000;
const MINUTE_TICKS = 60 * 10_000_000;
/** The stored incidents are this far apart, so that they cover about a year. */
const APART_TICKS = 5 * MINUTE_TICKS;
const ALL_OPEN = 'status=active,inProgress,awaitingAction';
const OPEN = ['active', 'inProgress', 'awaitingAction'];

/** Every filter of GET incidents: by each of its values, by a common and a rare one, and by some together. */
const FILTERS: readonly (readonly [what: string, filter: IncidentFilter])[] = [
  ['no filter', {}],
  [ALL_OPEN, { status: OPEN }],
  ...[...OPEN, 'resolved', 'redirected', 'unknownFutureValue'].map(
    (status) => [`status=${status}`, { status: [status] }] as const,
  ),
  ...['unknown', 'informational', 'low', 'medium', 'high', 'unknownFutureValue'].map(
    (severity) => [`severity=${severity}`, { severity: [severity] }] as const,
  ),
  ['assignedTo=(one of 50)', { assignedTo: 'analyst7@contoso.com' }],
  ['assignedTo=(nobody’s name)', { assignedTo: 'nobody@contoso.com' }],
  ['assignedTo= (unassigned)', { assignedTo: '' }],
  ['updatedSince=(an hour ago)', { updatedSince: addTicks(EPOCH, -60 * MINUTE_TICKS) }],
  ['updatedSince=(the oldest)', { updatedSince: addTicks(EPOCH, -STORED * APART_TICKS) }],
  ['open, high, unassigned', { status: OPEN, severity: ['high'], assignedTo: '' }],
  [
    'resolved, high, one of 50, updatedSince=(the oldest)',
    {
      status: ['resolved'],
      severity: ['high'],
      assignedTo: 'analyst7@contoso.com',
      updatedSince: addTicks(EPOCH, -STORED * APART_TICKS),
    },
  ],
];

/** Rows that the first page of a listing reads, and all that it takes until 200 are listed. */
export const listing: Bench = { name: 'listing', run: measure };

interface Listed {
  readonly what: string;
  /** Incidents, index rows and requests to storage of the first request. */
  readonly first: { readonly items: number; readonly rows: number; readonly pages: number };
  /** Most rows that one request read, of those until the list had 200 or ended. */
  readonly most: number;
  readonly requests: number;
  readonly items: number;
}

async function measure(): Promise<Result[]> {
  const store = await storeWith(storedIncidents());
  const listed: Listed[] = [];
  for (const [what, filter] of FILTERS) listed.push(await listTwoHundred(store, what, filter));
  const worst = listed.reduce((a, b) => (b.most > a.most ? b : a));
  const open = listed.find(({ what }) => what === ALL_OPEN);
  const openRows = open?.first.rows ?? Number.NaN;
  return [
    {
      what: `listing ${PAGE} of ${STORED.toLocaleString('en')} stored incidents, by each filter`,
      against: '',
      goal: `at most ${MOST_ROWS.toLocaleString('en')} rows read by a request`,
      value: `at most ${worst.most.toLocaleString('en')} rows`,
      met: worst.most <= MOST_ROWS,
      detail: `index rows and requests to storage of the first request, and requests until ${PAGE} are listed or the list ends; a page that is short goes on with its token.\n${listed.map(told).join('\n')}`,
    },
    {
      what: 'the same, first page of open ones',
      against: `a page of ${PAGE}`,
      goal: '≤ 2 × the page',
      value: `${openRows} rows`,
      ratio: openRows / PAGE,
      met: openRows <= 2 * PAGE,
      detail: `\`${ALL_OPEN}\`, answered by the index of open incidents; one open status alone is a filter on that index, above.`,
    },
  ];
}

async function listTwoHundred(store: StoredIncidents, what: string, filter: IncidentFilter): Promise<Listed> {
  let token: string | undefined;
  let first: Listed['first'] | undefined;
  let [items, requests, most] = [0, 0, 0];
  do {
    store.reset();
    const page = await listIncidents(store.table, { tenant: TENANT_ID, filter, top: PAGE, token });
    first ??= { items: page.items.length, ...store.read };
    items += page.items.length;
    requests++;
    most = Math.max(most, store.read.rows);
    token = page.next;
  } while (token !== undefined && items < PAGE);
  return { what, first, most, requests, items };
}

function told({ what, first, requests, items }: Listed): string {
  const whole = requests === 1 ? '' : `; ${items} after ${requests} requests`;
  return `\`${what}\`: ${first.rows.toLocaleString('en')} rows, ${first.pages} to storage, for ${first.items}${whole}`;
}

/** A tenant as it is after a year: nearly all is resolved, and what is open is mostly new. */
function storedIncidents(): IncidentRecord[] {
  const random = createRandom(4);
  const pick = (shares: Readonly<Record<string, number>>): string => {
    let left = random.below(1_000);
    for (const [name, share] of Object.entries(shares)) {
      left -= share;
      if (left < 0) return name;
    }
    return Object.keys(shares)[0] ?? '';
  };
  return Array.from({ length: STORED }, (_, n) => {
    const isNew = n < 2_000;
    const status = isNew
      ? pick({ active: 500, inProgress: 240, awaitingAction: 10, resolved: 250 })
      : pick({ resolved: 920, redirected: 50, active: 20, inProgress: 10 });
    return recordWith({
      id: String(200_000 - n),
      at: -n * APART_TICKS,
      sequence: STORED - n,
      status,
      severity: pick({ medium: 399, low: 300, informational: 200, high: 100, unknown: 1 }),
      assignedTo: random.percent(40) ? undefined : `analyst${random.below(50)}@contoso.com`,
    });
  });
}
