import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from './display-text.ts';
import type { Screen } from './screen.ts';

/** Lines that stay at the bottom of a terminal while others scroll above them. */
export interface LiveBlock {
  line(text?: string): void;
  /**
   * Replaces what is shown. Elsewhere than on a terminal: printed at most every 30 s, and only when `news` is
   * another than at the last time.
   */
  show(lines: readonly string[], news?: string): void;
  /** Leaves the block where it is, as plain lines. */
  end(): void;
}

const QUIET_MS = 30_000;

/** @param now milliseconds */
export function createLiveBlock(screen: Screen, now: () => number): LiveBlock {
  return screen.isTerminal ? onTerminal(screen) : onPaper(screen, now);
}

function onTerminal(screen: Screen): LiveBlock {
  let shown: readonly string[] = [];
  /** Terminal rows of the block, lines that are wrapped counted. */
  const height = (): number => {
    const columns = screen.columns() ?? Number.POSITIVE_INFINITY;
    return shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
  };
  const erase = (): string => (shown.length === 0 ? '' : `\x1b[${height()}A\r\x1b[J`);
  const draw = (): string => shown.map((line) => `${line}\n`).join('');
  return {
    line(text = '') {
      screen.stream.write(`${erase()}${text}\n${draw()}`);
    },
    show(lines) {
      if (lines.join('\n') === shown.join('\n')) return;
      const before = erase();
      shown = [...lines];
      screen.stream.write(`${before}${draw()}`);
    },
    end() {
      shown = [];
    },
  };
}

const widthOf = (line: string): number => displayWidth(stripVTControlCharacters(line));

function onPaper(screen: Screen, now: () => number): LiveBlock {
  let printed: string | undefined;
  let printedAt = Number.NEGATIVE_INFINITY;
  return {
    line: screen.line,
    show(lines, news = '') {
      if (news === printed || now() - printedAt < QUIET_MS) return;
      printed = news;
      printedAt = now();
      screen.line(lines.join('\n'));
    },
    end: () => {},
  };
}
