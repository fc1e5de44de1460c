import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadIncidentFiles } from '../../../lab/defender/load-files.ts';
import { NotAnIncident, readRawIncident } from '../../../lab/defender/raw-incident.ts';
import { startLab, TENANT } from './support.ts';
import { GRAPH, readIds, XDR } from './support-lists.ts';

const TIMES = '"createdDateTime":"2026-01-01T00:00:00.1Z","lastUpdateDateTime":"2026-01-02T00:00:00Z"';
const XDR_TIMES = '"createdTime":"2026-01-01T00:00:00.1Z","lastUpdateTime":"2026-01-02T00:00:00Z"';

/** Everything a parser would spoil: spelling of numbers, repeated keys, escapes, blanks, order. */
const HOSTILE = `{ "z":1.0,"a":1e400,"big":9223372036854775807,"id":"9","a":-0,"s":"\\u0041\\ud83d\\/",
 "\\u0061lerts" : [ {"id":"x1","n":1.50,${TIMES},"alerts":[]} , {"id":"no times"} ],
 "alerts@odata.context":"x", ${TIMES} ,"e":[ ],"ü":"𝒳" }`;

describe('a loaded incident', () => {
  test('of Graph is served character for character, in pages and alone', async () => {
    const lab = startLab({ shuffleArrays: true, changingEtags: true, timeDigits: 0 });
    lab.defender.tenant(TENANT).loadRaw({ family: 'graph', text: HOSTILE });
    lab.defender.tenant(TENANT).createIncident({ id: '10', createdDateTime: '2025-01-01T00:00:00.0000000Z' });
    const page = await lab.get(`${GRAPH}/incidents?$expand=alerts`);
    expect(page.text).toContain(`"value":[${HOSTILE},{`);
    JSON.parse(page.text);
    expect((await lab.get(`${GRAPH}/incidents/9?$expand=alerts`)).text).toBe(HOSTILE);
  });

  test('loses its alerts, and nothing else, when they are not asked for', async () => {
    const lab = startLab();
    lab.defender.tenant(TENANT).loadRaw({ family: 'graph', text: HOSTILE });
    const expected = `{"z":1.0,"a":1e400,"big":9223372036854775807,"id":"9","a":-0,"s":"\\u0041\\ud83d\\/",${TIMES},"e":[ ],"ü":"𝒳"}`;
    expect((await lab.get(`${GRAPH}/incidents/9`)).text).toBe(expected);
    expect((await lab.get(`${GRAPH}/incidents`)).text).toContain(expected);
  });

  test('gives its alerts to alerts_v2 as they are, those without times apart', async () => {
    const lab = startLab();
    lab.defender.tenant(TENANT).loadRaw({ family: 'graph', text: HOSTILE });
    const alert = `{"id":"x1","n":1.50,${TIMES},"alerts":[]}`;
    expect((await lab.get(`${GRAPH}/alerts_v2`)).text).toContain(`"value":[${alert}]`);
    expect((await lab.get(`${GRAPH}/alerts_v2/x1`)).text).toBe(alert);
  });

  test('of the XDR API is served there only, by its number as written', async () => {
    const text = `{"incidentId":92233720368547758079,"status":"Active",${XDR_TIMES},"alerts":[1.0]}`;
    const lab = startLab();
    lab.defender.tenant(TENANT).loadRaw({ family: 'xdr', text });
    lab.defender.tenant(TENANT).loadRaw({ family: 'graph', text: HOSTILE });
    expect((await lab.get(`${XDR}/incidents`)).text).toContain(`"value":[${text}]`);
    expect((await lab.get(`${XDR}/incidents/92233720368547758079`)).text).toBe(text);
    expect((await lab.get(`${XDR}/incidents/9`)).status).toBe(404);
    expect(await readIds(lab, `${GRAPH}/incidents`)).toEqual(['9']);
  });

  test('is found by filters and ordered by its times, whatever their digits', async () => {
    const lab = startLab({ orderBy: 'lastUpdateDateTime' });
    const tenant = lab.defender.tenant(TENANT);
    const load = (id: string, updated: string) =>
      tenant.loadRaw({
        family: 'graph',
        text: `{"id":"${id}","severity":"High","createdDateTime":"2026-01-01T00:00:00Z","lastUpdateDateTime":"${updated}"}`,
      });
    load('1', '2026-01-02T00:00:00.1Z');
    load('2', '2026-01-02T01:00:00.0999999+01:00');
    load('3', '2026-01-02T00:00:00Z');
    expect(await readIds(lab, `${GRAPH}/incidents`)).toEqual(['1', '2', '3']);
    const filter =
      '$filter=lastUpdateDateTime%20gt%202026-01-02T00:00:00Z%20and%20severity%20eq%20%27high%27';
    expect(await readIds(lab, `${GRAPH}/incidents?${filter}`)).toEqual(['1', '2']);
  });

  test('replaces the one with its id', async () => {
    const lab = startLab();
    const tenant = lab.defender.tenant(TENANT);
    tenant.loadRaw({ family: 'graph', text: HOSTILE });
    const text = `{"id":"9",${TIMES}}`;
    tenant.loadRaw({ family: 'graph', text });
    expect((await lab.get(`${GRAPH}/incidents/9?$expand=alerts`)).text).toBe(text);
    expect(await readIds(lab, `${GRAPH}/alerts_v2`)).toEqual([]);
  });

  test.each([
    ['graph', '{"id":1,"createdDateTime":"2026-01-01T00:00:00Z"}', /"id" must be a text, found 1/],
    ['graph', `{"id":"",${TIMES}}`, /"id" must be a text/],
    ['graph', '{"id":"1"}', /incident 1: "createdDateTime" is missing/],
    [
      'graph',
      `{"id":"1","createdDateTime":"2026-01-01T00:00:00Z","lastUpdateDateTime":"yesterday"}`,
      /"lastUpdateDateTime"/,
    ],
    ['graph', '{"id":"1"', /not JSON/],
    ['graph', '[]', /not a JSON object/],
    ['xdr', `{"incidentId":1.5,${XDR_TIMES}}`, /must be a number, found 1.5/],
    ['xdr', `{${XDR_TIMES}}`, /no "incidentId"/],
  ] as const)('%s: %s is refused', (family, text, reason) => {
    expect(() => readRawIncident(family, text)).toThrow(NotAnIncident);
    expect(() => readRawIncident(family, text)).toThrow(reason);
  });
});

describe('incident files', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'outrider-load-'));
    mkdirSync(join(folder, 'below'));
    const files: Record<string, string | Buffer> = {
      'a-one.json': `\ufeff${HOSTILE}\n`,
      'b-array.json': `[ {"id":"1",${TIMES}} ,\n{"id":2,${TIMES}},{"incidentId":3,${XDR_TIMES}} ]`,
      'c-page.json': `{"@odata.context":"x","value":[{"id":"4", "n" : 1.0,${TIMES}}],"@odata.nextLink":"y"}`,
      'd-again.json': `{"id":"1",${TIMES}}`,
      'e-broken.json': '{"id":"5",',
      'f-alert.json': '{"id":"da1","incidentId":"7"}',
      'g-empty.json': '[]',
      'h-other.json': '[{"name":"x"},{"name":"y"}]',
      'i-bytes.json': Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      'j-number.json': '17',
      'note.txt': 'not looked at',
      'below/deep.json': `{"incidentId":8,${XDR_TIMES}}`,
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test('load whole, one, many or as a page; a bad one is named and the rest loads', async () => {
    const { loaded, faults } = await loadIncidentFiles([folder]);
    expect(loaded.map(({ family, id, text }) => [`${family} ${id}`, text])).toEqual([
      ['graph 9', HOSTILE],
      ['graph 1', `{"id":"1",${TIMES}}`],
      ['xdr 3', `{"incidentId":3,${XDR_TIMES}}`],
      ['xdr 8', `{"incidentId":8,${XDR_TIMES}}`],
      ['graph 4', `{"id":"4", "n" : 1.0,${TIMES}}`],
    ]);
    expect(loaded[0]).toMatchObject({
      createdMs: Date.UTC(2026, 0, 1, 0, 0, 0, 100),
      updatedMs: Date.UTC(2026, 0, 2),
    });
    const reasons = Object.fromEntries(
      faults.map(({ file, reason }) => [file.slice(folder.length + 1), reason]),
    );
    expect(reasons).toEqual({
      'b-array.json': 'element 1: "id" must be a text, found 2',
      'd-again.json': `incident 1 was loaded from ${join(folder, 'b-array.json')} already`,
      'e-broken.json': expect.stringMatching(/^not JSON: /),
      'f-alert.json': 'an alert, not an incident',
      'g-empty.json': 'no incident in it',
      'h-other.json': expect.stringMatching(/^none of 2 elements is an incident; element 0: /),
      'i-bytes.json': 'not UTF-8 text',
      'j-number.json': 'neither an object nor an array',
    });
  });

  test('a path that is not there, and a folder without files, are named', async () => {
    mkdirSync(join(folder, 'empty'));
    const { loaded, faults } = await loadIncidentFiles([
      join(folder, 'none'),
      join(folder, 'empty'),
      join(folder, 'c-page.json'),
    ]);
    expect(loaded).toHaveLength(1);
    expect(faults).toEqual([
      { file: join(folder, 'none'), reason: expect.stringMatching(/no such file/) },
      { file: join(folder, 'empty'), reason: 'no .json file in this folder' },
    ]);
  });
});
