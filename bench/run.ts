import { benchLoad } from './load.ts';
import type { Measure } from './measure.ts';
import { benchToken } from './token.ts';

/** Every bench; a new one is a file and a line here. */
const BENCHES: readonly (() => Promise<Measure[]>)[] = [benchToken, benchLoad];

const measures: Measure[] = [];
for (const bench of BENCHES) measures.push(...(await bench()));

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(measures));
} else {
  for (const { what, ours, against, ratio, goal, met } of measures) {
    const compared = against === '' ? '' : `, ${against}`;
    const times = ratio === undefined ? '' : `, ${ratio.toFixed(2)} ×`;
    console.log(`${met ? 'met   ' : 'MISSED'}  ${what}: ${ours}${compared}${times} (goal ${goal})`);
  }
}
