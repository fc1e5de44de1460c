import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createNotes, type Notes } from '../../lab/leak-watch/notes.ts';
import { reportOf } from './report.ts';
import { scanFolder } from './scan-folder.ts';

const SECRET = 'lab8Q~aB3.dE5_gH7~iJ9-kL1.mN3-oP5~qR7';
const PRINT_TOKEN = 'stdout of /home/me/outrider/bin/outrider.js lab token --roles Incidents.Read';
let folder: string;
let notes: Notes;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outrider-scan-'));
  notes = createNotes(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('finds nothing where nothing is', () => {
  notes.secret('client secret', SECRET);
  notes.secret('client secret', SECRET);
  notes.secret('vault secret', 'hush');
  notes.seen('PUT to blob at x', 'head\n', gzipSync('hush, a row'));
  notes.stream('stdout of x')('nothing\n');
  const scan = scanFolder(folder);
  expect(scan).toMatchObject({ leaks: [], secrets: { 'client secret': 1, 'vault secret': 1 }, tooShort: 1 });
  expect(scan.pieces).toBe(2);
  expect(reportOf(scan)).toMatch(/^Secrets: none of 1 × client secret, 1 × vault secret found in 2 outputs/);
});

it('names the secret and the place, never the secret itself', () => {
  notes.seen('POST to table at x', 'a row\n', 'one\n', `two ${SECRET.slice(8, 28)}`);
  notes.secret('client secret', SECRET);
  const output = notes.stream('stderr of outrider lab');
  output(`failed: ${SECRET.slice(0, 12)}`);
  output(Buffer.from(`${SECRET.slice(12)}\n`));
  const { leaks } = scanFolder(folder);
  expect(leaks).toHaveLength(2);
  const text = reportOf(scanFolder(folder));
  expect(text).toMatch(
    /LEAK of client secret, known from .+\n {4}in POST to table at x, of .+, line 3 \(plain\)/,
  );
  expect(text).toMatch(/in stderr of outrider lab, of .+, line 1 \(plain\)/);
  expect(text).not.toContain(SECRET.slice(0, 8));
  expect(text).not.toContain(SECRET.slice(8, 20));
});

it('looks into files that were kept as they are', () => {
  notes.secret('storage account key', SECRET);
  const blob = gzipSync(`x${Buffer.from(` ${SECRET}`).toString('base64')}`);
  mkdirSync(join(folder, 'files-1/__blobstorage__'), { recursive: true });
  writeFileSync(join(folder, 'files-1/__blobstorage__/a'), Buffer.concat([gzipSync('before'), blob]));
  const { leaks } = scanFolder(folder);
  expect(leaks).toMatchObject([
    { place: expect.stringContaining('__blobstorage__/a'), form: 'gzip, base64' },
  ]);
});

it('does not repeat a command line that holds the secret', () => {
  notes.secret('client secret', SECRET);
  notes.stream(`stdout of outrider --secret ${SECRET}`)('fine\n');
  const { leaks } = scanFolder(folder);
  expect(leaks).toHaveLength(1);
  expect(JSON.stringify(leaks)).not.toContain(SECRET.slice(0, 12));
});

it('lets a command print what it is there to print, and nothing else', () => {
  notes.secret('access token', SECRET);
  notes.stream(PRINT_TOKEN)(`${SECRET}\n`);
  expect(scanFolder(folder).leaks).toEqual([]);
  notes.secret('client secret', `${SECRET}-2`.slice(17));
  notes.stream(PRINT_TOKEN)(`${`${SECRET}-2`.slice(17)}\n`);
  expect(scanFolder(folder).leaks).toHaveLength(1);
});

it('reads what a killed process has left', () => {
  notes.secret('client secret', SECRET);
  notes.seen('PUT to blob at x', 'whole\n');
  const files = readdirSync(folder);
  const path = (ending: string) => join(folder, files.find((name) => name.endsWith(ending)) ?? '');
  appendFileSync(path('.ledger'), '{"kind":"client sec');
  appendFileSync(path('.seen'), '{"what":"PU');
  writeFileSync(join(folder, 'other.seen'), `{"what":"x","by":"y","length":9999}\n${SECRET}`);
  expect(scanFolder(folder)).toMatchObject({ pieces: 2, leaks: [{ place: 'x, of y, line 1' }] });
});

it('keeps each file small enough to be read whole', () => {
  notes = createNotes(folder, 1000);
  for (let count = 0; count < 5; count++) notes.seen('PUT to blob at x', 'x'.repeat(400));
  notes.seen('PUT to blob at x', 'x'.repeat(2000));
  notes.secret('client secret', SECRET);
  notes.seen('PUT to blob at y', SECRET);
  expect(readdirSync(folder).filter((name) => name.endsWith('.seen'))).toHaveLength(5);
  expect(scanFolder(folder)).toMatchObject({ pieces: 7, leaks: [{ form: 'plain' }] });
});
