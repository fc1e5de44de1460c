import type { SessionEvent, SessionTenant } from '../../../lab/session/events.ts';
import type { Session } from '../../../lab/session/session.ts';
import { since } from '../../output/amounts.ts';
import { shorten, wrap } from '../../output/display-text.ts';
import { createLiveBlock } from '../../output/live-block.ts';
import { createProgress } from '../../output/progress.ts';
import type { Screen, Style } from '../../output/screen.ts';
import { appText } from './app-text.ts';
import { createCrowd } from './crowd.ts';
import { changeText, type EventText } from './event-text.ts';
import { hints } from './hints.ts';
import { huntTable } from './hunt-table.ts';
import { tenantTable } from './tenant-table.ts';

/** What a lab tells the people who watch it. */
export interface Report {
  title(): void;
  /** A step with its time. */
  say(text: string): void;
  readonly event: (event: SessionEvent) => void;
  /** The table, once. */
  figures(session: Session): void;
  /** What to try, and the table, which stays in view from then on. */
  running(session: Session): Promise<void>;
  /** From here on only steps. */
  ending(): void;
}

export interface ReportOptions {
  readonly screen: Screen;
  /** Milliseconds since 1970 UTC. */
  readonly startedAt: number;
  /** Also the app's own log lines. */
  readonly verbose: boolean;
  /** How many customers the lab has. */
  readonly tenants: number;
}

const TONES: Readonly<Record<EventText['tone'], Style | undefined>> = {
  plain: undefined,
  good: 'green',
  bad: 'red',
};
const REDRAW_MS = 1_000;
const TIME_WIDTH = 9;
const INDENT = ' '.repeat(TIME_WIDTH + 2);

export function createReport({ screen, startedAt, verbose, tenants }: ReportOptions): Report {
  const progress = createProgress(screen, 'incidents');
  const block = createLiveBlock(screen, Date.now);
  const crowd = createCrowd(tenants);
  const served = new Map<string, number>();
  const done = new Map<string, number>();
  let line = progress.line;
  let redraw: NodeJS.Timeout | undefined;
  let lastChange = '';

  function step(at: number, { text, tone }: EventText): void {
    const style = TONES[tone];
    const time = screen.paint('dim', since(at - startedAt).padStart(TIME_WIDTH));
    const lines = wrap(text, (screen.columns() ?? Number.POSITIVE_INFINITY) - INDENT.length);
    const painted = lines.map((part) => (style === undefined ? part : screen.paint(style, part)));
    line(`${time}  ${painted.join(`\n${INDENT}`)}`);
  }

  const say = (text: string): void => step(Date.now(), { text, tone: 'plain' });

  function event(happened: SessionEvent): void {
    if (happened.kind === 'changed') lastChange = `${happened.tenant.name}: ${changeText(happened.change)}`;
    if (happened.kind === 'served') served.set(happened.tenant.id, happened.incidents);
    if (happened.kind === 'loading') showProgress(happened.tenant, happened.incidents);
    if (happened.kind === 'loaded') showProgress(happened.tenant, happened.incidents);
    const text = happened.kind === 'said' ? appText(happened.entry, verbose) : crowd.text(happened);
    if (text !== undefined) step(happened.at, text);
  }

  function showProgress(tenant: SessionTenant, incidents: number): void {
    const total = served.get(tenant.id) ?? 0;
    done.set(tenant.id, Math.min(incidents, total));
    if (total === 0 || redraw !== undefined) return;
    const bar = crowd.barOf(tenant);
    if (bar === tenant.name) progress.set(bar, Math.min(incidents, total), total);
    else progress.set(bar, sum(done), sum(served));
  }

  function draw(session: Session): void {
    const lines = ['', ...tables(session).split('\n'), ''];
    const news = JSON.stringify([
      session.syncs().map(({ state, answer }) => [state, answer?.versions]),
      session.hunts().map(({ found, failing }) => [found, failing.size]),
    ]);
    block.show(screen.isTerminal ? [...lines, ...footer()] : lines, news);
  }

  function tables(session: Session): string {
    const both = [tenantTable(session, screen, Date.now()), huntTable(session, screen, Date.now())];
    return both.filter((text) => text !== undefined).join('\n\n');
  }

  function footer(): readonly string[] {
    const width = (screen.columns() ?? 0) - 2;
    const upstream = lastChange === '' ? [] : [shorten(`Just changed at ${lastChange}`, width)];
    return [...upstream, 'Ctrl-C ends everything.'].map((text) => `  ${screen.paint('dim', text)}`);
  }

  return {
    title() {
      const name = screen.paint('bold', 'Outrider lab');
      line(`\n  ${name}: a Microsoft cloud on this machine, and Outrider in it\n`);
    },
    say,
    event,
    figures(session) {
      progress.stop();
      line(`\n${tables(session)}\n`);
    },
    async running(session) {
      const toTry = await hints(session, screen);
      progress.stop();
      line = block.line;
      line(`\n${toTry.join('\n')}\n`);
      if (!screen.isTerminal) line('To end it: Ctrl-C, or npx outrider lab stop\n');
      draw(session);
      redraw = setInterval(() => draw(session), REDRAW_MS);
    },
    ending() {
      clearInterval(redraw);
      progress.stop();
      block.end();
      line = screen.line;
    },
  };
}

function sum(values: ReadonlyMap<string, number>): number {
  return [...values.values()].reduce((total, value) => total + value, 0);
}
