import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createDefender, type Defender } from '../../lab/defender/defender.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createFindings } from './findings.ts';
import { inspectStore } from './inspect.ts';
import { crossingTenants } from './tenants.ts';

const TENANTS = crossingTenants(2);
const [FIRST, SECOND] = TENANTS.map(({ tenant }) => tenant.id) as [string, string];

/** What the last inspection says of a store that holds one thing. */
async function crossingsOf(
  fill: (store: ReturnType<typeof createMemoryStore>) => Promise<unknown>,
  live: (defender: Defender) => void = () => {},
) {
  const store = createMemoryStore({ now: () => 0 });
  await fill(store);
  const findings = createFindings();
  const judge = { verify: () => Promise.reject(new Error('nobody calls')) };
  const defender = createDefender({ clock: { now: () => 0 }, judge });
  live(defender);
  inspectStore(TENANTS, { store, defender, findings, wholly: true });
  return findings.crossings;
}

const row = (partition: string, key: string, columns: Record<string, string>) =>
  crossingsOf(({ table }) => table.transact(partition, [{ op: 'put', key, columns }]));

it('takes a tenant’s own rows and blobs for its own', async () => {
  expect(await row(FIRST, 'x|1', { title: 'crossing-001 incident' })).toEqual([]);
  expect(await row(FIRST, 's', { seen: '{"i":[],"a":[["da-crossing-001-1",""]]}' })).toEqual([]);
  expect(
    await crossingsOf(({ blobs }) => blobs.put(`${FIRST}/incidents/1`, gzipSync('crossing-001'))),
  ).toEqual([]);
});

it.each([
  ['a feed row of another tenant', 'x|1', { title: 'crossing-002 incident' }],
  ['a row that is nobody’s', 'c|1', { title: 'incident' }],
  ['an alert of another tenant among those seen', 's', { seen: '{"i":[],"a":[["da-crossing-002-1",""]]}' }],
  ['an incident among those seen that was never stored', 's', { seen: '{"i":[["1","abc"]],"a":[]}' }],
])('notices %s', async (_what, key, columns) => {
  expect(await row(FIRST, key, columns)).not.toEqual([]);
});

it('notices a blob of another tenant', async () => {
  const text = gzipSync(`crossing-001 ${SECOND}`);
  expect(await crossingsOf(({ blobs }) => blobs.put(`${FIRST}/incidents/1`, text))).not.toEqual([]);
});

it.each([
  ['a comment of a person of another tenant', 'person-002-1 says', 'person-002-1@crossing-002.example', 2],
  ['a comment in another person’s name', 'person-001-1 says', 'person-001-2@crossing-001.example', 1],
  ['a comment of the app that a person has written', 'person-001-1 says', 'API-App', 1],
  ['no fault with a person’s own', 'person-001-1 says', 'person-001-1@crossing-001.example', 0],
])('notices %s', async (_what, comment, author, found) => {
  const crossings = await crossingsOf(
    async () => {},
    (defender) => {
      const { createIncident, addComment } = defender.tenant(FIRST);
      createIncident({ id: '1', displayName: 'crossing-001 incident' });
      addComment('1', comment, author);
    },
  );
  expect(crossings).toHaveLength(found);
});
