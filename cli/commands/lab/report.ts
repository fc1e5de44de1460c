import type { SessionEvent, SessionTenant } from '../../../lab/session/events.ts';
import type { Session } from '../../../lab/session/session.ts';
import { since } from '../../output/amounts.ts';
import { printable } from '../../output/display-text.ts';
import { createLiveBlock } from '../../output/live-block.ts';
import { createProgress } from '../../output/progress.ts';
import type { Screen, Style } from '../../output/screen.ts';
import { changeText, type EventText, eventText } from './event-text.ts';
import { hints } from './hints.ts';
import { tenantTable } from './tenant-table.ts';

/** What a lab tells the people who watch it. */
export interface Report {
  title(): void;
  /** A step with its time. */
  say(text: string, tone?: EventText['tone']): void;
  readonly event: (event: SessionEvent) => void;
  /** The table, once. */
  figures(session: Session): void;
  /** The table and what to try; from then on the table stays in view. */
  running(session: Session): Promise<void>;
  ending(wasAsked: boolean): void;
  ended(): void;
}

export interface ReportOptions {
  readonly screen: Screen;
  /** Milliseconds since 1970 UTC. */
  readonly startedAt: number;
  /** Also the app's own log lines. */
  readonly verbose: boolean;
}

const TONES: Readonly<Record<EventText['tone'], Style | undefined>> = {
  plain: undefined,
  good: 'green',
  bad: 'red',
};
const REDRAW_MS = 1_000;
const TIME_WIDTH = 9;

export function createReport({ screen, startedAt, verbose }: ReportOptions): Report {
  const progress = createProgress(screen, 'incidents');
  const block = createLiveBlock(screen, Date.now);
  let redraw: NodeJS.Timeout | undefined;
  let lastChange: { readonly tenant: SessionTenant; readonly text: string } | undefined;
  let isRunning = false;
  let endingAt: number | undefined;

  const line = (text: string): void => (isRunning ? block.line(text) : progress.line(text));

  function step(at: number, { text, tone }: EventText): void {
    const style = TONES[tone];
    const time = screen.paint('dim', since(at - startedAt).padStart(TIME_WIDTH));
    line(`${time}  ${style === undefined ? text : screen.paint(style, text)}`);
  }

  function event(happened: SessionEvent): void {
    if (happened.kind === 'changed') {
      const { tenant, change } = happened;
      lastChange = { tenant, text: changeText(change) };
    }
    const text = happened.kind === 'said' ? appText(happened.entry, verbose) : eventText(happened);
    if (text !== undefined) step(happened.at, text);
  }

  function draw(session: Session): void {
    const upstream =
      lastChange === undefined ? '' : `  upstream, latest: ${lastChange.tenant.name}, ${lastChange.text}`;
    const lines = ['', ...tenantTable(session, screen, Date.now()).split('\n'), ''];
    const footer = [screen.paint('dim', upstream), screen.paint('dim', '  Ctrl-C ends everything.')];
    block.show(screen.isTerminal ? [...lines, ...footer] : lines);
  }

  return {
    title() {
      screen.line();
      screen.line(
        `  ${screen.paint('bold', 'Outrider lab')}: a Microsoft cloud on this machine, and Outrider in it`,
      );
      screen.line();
    },
    say: (text, tone = 'plain') => step(Date.now(), { text, tone }),
    event,
    figures(session) {
      progress.stop();
      screen.line();
      screen.line(tenantTable(session, screen, Date.now()));
      screen.line();
    },
    async running(session) {
      const toTry = await hints(session, screen);
      progress.stop();
      isRunning = true;
      block.line();
      for (const text of toTry) block.line(text);
      if (!screen.isTerminal) block.line('\nTo end it: Ctrl-C, or npx outrider lab stop');
      draw(session);
      redraw = setInterval(() => draw(session), REDRAW_MS);
    },
    ending(wasAsked) {
      clearInterval(redraw);
      progress.stop();
      block.end();
      isRunning = false;
      endingAt = Date.now();
      if (wasAsked) step(endingAt, { text: 'Ending: the app finishes what is under way …', tone: 'plain' });
    },
    ended() {
      step(Date.now(), { text: 'Ended; nothing is left behind', tone: 'plain' });
    },
  };
}

/** The app's own words: its warnings and errors, or all of them. */
function appText(
  { level, functionName, message }: (SessionEvent & { readonly kind: 'said' })['entry'],
  verbose: boolean,
): EventText | undefined {
  const isBad = level === 'warning' || level === 'error' || level === 'critical';
  if (!isBad && !verbose) return undefined;
  const who = functionName === undefined ? 'app' : functionName;
  return { text: `${who}: ${printable(message)}`, tone: isBad ? 'bad' : 'plain' };
}
