import cliProgress from 'cli-progress';
import { displayWidth } from './display-text.ts';
import { createLiveBlock } from './live-block.ts';
import type { Screen } from './screen.ts';

/** Progress of long work: bars on a terminal, nothing elsewhere. Lines go above the bars. */
export interface Progress {
  /** Sets the bar of that name, making it when it is new. */
  set(name: string, done: number, total: number): void;
  line(text?: string): void;
  /** Takes the bars away. May be called twice. */
  stop(): void;
}

interface Bar {
  readonly done: number;
  readonly total: number;
}

const BAR_WIDTH = 30;
const BAR = {
  barsize: BAR_WIDTH,
  barGlue: '',
  barCompleteString: cliProgress.Presets.shades_classic.barCompleteChar?.repeat(BAR_WIDTH),
  barIncompleteString: cliProgress.Presets.shades_classic.barIncompleteChar?.repeat(BAR_WIDTH),
};

/** @param unit what is counted, e.g. `incidents` */
export function createProgress(screen: Screen, unit: string): Progress {
  if (!screen.isTerminal) return { set: () => {}, line: screen.line, stop: () => {} };
  const bars = new Map<string, Bar>();
  // cli-progress draws the bars; it would lose lines that are written while it does so.
  const block = createLiveBlock(screen, Date.now);
  return {
    set(name, done, total) {
      bars.set(name, { done, total });
      const width = Math.max(...[...bars.keys()].map(displayWidth));
      block.show([...bars].map(([label, bar]) => barLine(label, width, bar, unit)));
    },
    line: block.line,
    stop() {
      bars.clear();
      block.show([]);
    },
  };
}

function barLine(name: string, width: number, { done, total }: Bar, unit: string): string {
  const bar = cliProgress.Format.BarFormat(total === 0 ? 1 : done / total, BAR);
  return `  ${name}${' '.repeat(width - displayWidth(name))}  ${bar}  ${done} of ${total} ${unit}`;
}
