import { counted } from '../../output/amounts.ts';
import { createScreen } from '../../output/screen.ts';

/** One thing looked at. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** What is wrong and what to do; or what was seen. */
  readonly text: string;
  /** True: could not be looked at, so nothing is said of it. */
  readonly skipped?: true;
}

/** All as lines for people, with their sum below. */
export function show(findings: readonly Finding[]): void {
  const screen = createScreen();
  for (const { what, ok, text, skipped } of findings) {
    const mark = skipped
      ? screen.paint('yellow', '-    ')
      : ok
        ? screen.paint('green', 'ok   ')
        : screen.paint('red', 'WRONG');
    screen.line(`${mark}  ${screen.paint('bold', what)}: ${text}`);
  }
  const wrong = findings.filter(({ ok }) => !ok).length;
  const left = findings.some(({ skipped }) => skipped);
  if (wrong > 0) screen.line(`${counted(wrong, 'thing')} to mend.`);
  else screen.line(left ? 'All that was looked at is well.' : 'All is well.');
}
