import fc from 'fast-check';
import type { AppProcess } from './app-process.ts';
import type { FuzzLab } from './fuzz-lab.ts';
import { ask, type Finding, placeOf } from './play.ts';
import { curlLine } from './request.ts';
import { requestsFor } from './requests.ts';
import { createWire } from './wire.ts';

const BOUND_MS = 10_000;
const SHRINK_MS = 60_000;
const MOST_TRIES = 400;

type Smaller = Omit<Finding, 'index'>;

/** A finding for people: where it is in which series, a line for bash, and the same made as small as can be. */
export async function reportOf(
  lab: FuzzLab,
  app: AppProcess,
  { seed, finding }: { readonly seed: number; readonly finding: Finding },
): Promise<string> {
  const url = `http://127.0.0.1:${app.port}`;
  const shown = ({ what, request }: Smaller): readonly string[] => [
    ...what.map((each) => `  ${each}`),
    curlLine(request, url),
  ];
  const isFailure = finding.what.some((each) => each.includes('a failure of ours'));
  const shrunk = await shrink(lab, app, { seed, finding });
  return [
    `Request ${finding.index} of series ${seed}`,
    ...shown(finding),
    shrunk ? 'As small as can be:' : 'Alone it is answered as it must be.',
    ...(shrunk ? shown(shrunk) : []),
    ...(isFailure ? ['Last errors of the app:', ...app.errors.slice(-3)] : []),
  ].join('\n');
}

/** fast-check draws the same request again, and makes it smaller for as long as the same is wrong with it. */
async function shrink(
  lab: FuzzLab,
  app: AppProcess,
  { seed, finding }: { readonly seed: number; readonly finding: Finding },
): Promise<Smaller | undefined> {
  const wire = createWire({ port: app.port, boundMs: BOUND_MS });
  const [wanted = ''] = finding.what;
  let smallest: Smaller | undefined;
  let tries = 0;
  const goesWell = fc.asyncProperty(requestsFor(lab, app), async (request) => {
    if (tries++ > MOST_TRIES) return true;
    const { what } = await ask(lab, request, wire);
    if (!what.includes(wanted)) return true;
    smallest = { what, request };
    return false;
  });
  await fc.check(goesWell, {
    ...placeOf(seed, finding.index),
    numRuns: 1,
    interruptAfterTimeLimit: SHRINK_MS,
  });
  wire.close();
  return smallest;
}
