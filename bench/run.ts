import { parseArgs } from 'node:util';
import { firstLoad } from './first-load.ts';
import { huntResult } from './hunt-result.ts';
import { huntsDay } from './hunts-day.ts';
import { kqlCheck } from './kql-check.ts';
import { listing } from './listing.ts';
import { appLoad } from './load.ts';
import { thisMachine } from './machine.ts';
import type { Bench, Result } from './measure.ts';
import { memory } from './memory.ts';
import { nothingNew } from './nothing-new.ts';
import { tenantsDay } from './tenants-day.ts';
import { token } from './token.ts';
import { writePage } from './write-page.ts';

/** Every bench, in the page's order; a new one is a file and a line here. */
const BENCHES: readonly Bench[] = [
  firstLoad,
  nothingNew,
  memory,
  token,
  appLoad,
  tenantsDay,
  listing,
  kqlCheck,
  huntResult,
  huntsDay,
];

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const names = BENCHES.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`No bench is named ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  process.exit(2);
}

const chosen = BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const measured: (Result & { readonly bench: string })[] = [];
for (const { name, run } of chosen) {
  const machine = thisMachine();
  const results = await run();
  // At once: should a later bench fail, what this one found is kept.
  await writePage(name, { machine, results }, names);
  measured.push(...results.map((result) => ({ bench: name, ...result })));
  if (!values.json) for (const result of results) console.log(lineOf(result));
}
if (values.json) console.log(JSON.stringify({ machine: thisMachine(), results: measured }));

function lineOf({ what, value, against, ratio, goal, met, detail, reason }: Result): string {
  const compared = against === '' ? '' : `, ${against}`;
  const times = ratio === undefined ? '' : `, ${ratio.toFixed(2)} ×`;
  const why = met || reason === undefined ? '' : `\n        ${reason}`;
  return `${met ? 'met   ' : 'MISSED'}  ${what}: ${value}${compared}${times} (goal ${goal})\n        ${detail.replaceAll('\n', '\n          ')}${why}`;
}
