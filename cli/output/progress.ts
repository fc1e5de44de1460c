import { type MultiBar, Presets, MultiBar as ProgressBars, type SingleBar } from 'cli-progress';
import type { Screen } from './screen.ts';

/** Progress of long work: bars on a terminal, nothing elsewhere. Lines go above the bars. */
export interface Progress {
  /** Sets the bar of that name, making it when it is new. */
  set(name: string, done: number, total: number): void;
  line(text?: string): void;
  /** Takes the bars away. May be called twice. */
  stop(): void;
}

/** @param unit what is counted, e.g. `incidents` */
export function createProgress(screen: Screen, unit: string): Progress {
  if (!screen.isTerminal) return { set: () => {}, line: screen.line, stop: () => {} };
  const bars = new Map<string, SingleBar>();
  let shown: MultiBar | undefined;
  const start = (): MultiBar => {
    shown ??= new ProgressBars(
      {
        stream: screen.stream,
        format: `  {name}  {bar}  {value} of {total} ${unit}`,
        barsize: 30,
        clearOnComplete: true,
        hideCursor: true,
        gracefulExit: false,
      },
      Presets.shades_classic,
    );
    return shown;
  };
  return {
    set(name, done, total) {
      const bar = bars.get(name) ?? start().create(total, 0, { name });
      bars.set(name, bar);
      bar.setTotal(total);
      bar.update(done);
    },
    line(text = '') {
      if (shown === undefined) screen.line(text);
      else shown.log(`${text}\n`);
    },
    stop() {
      shown?.stop();
      shown = undefined;
      bars.clear();
    },
  };
}
