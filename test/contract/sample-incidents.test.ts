import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadIncidentFiles } from '../../lab/defender/load-files.ts';
import { startLab, TENANT } from '../lab/defender/support.ts';
import { type GraphContract, loadGraphContract } from './graph-contract.ts';

const SAMPLES = join(import.meta.dirname, '../../../shared/data/incidents');
const ROOT = 'https://graph.microsoft.com/v1.0/security';
const PREFER = { prefer: 'include-unknown-enum-members' };

let contract: GraphContract;

beforeAll(async () => {
  contract = await loadGraphContract();
});

// Published samples lie beside the repository; in CI their absence is an error, elsewhere there is nothing to check.
describe.skipIf(!existsSync(SAMPLES) && !process.env.CI)('published sample incidents', () => {
  test.each(['graph', 'xdr'] as const)('%s: every file is loaded', async (family) => {
    const files = readdirSync(join(SAMPLES, family));
    const { loaded, faults } = await loadIncidentFiles([join(SAMPLES, family)]);
    expect(faults).toEqual([]);
    expect(loaded).toHaveLength(files.length);
    expect(loaded.every((incident) => incident.family === family)).toBe(true);
  });

  test('Graph serves each file as it is, and that is as published', async () => {
    const { loaded } = await loadIncidentFiles([join(SAMPLES, 'graph')]);
    const lab = startLab();
    for (const incident of loaded) lab.defender.tenant(TENANT).loadRaw(incident);

    const url = `${ROOT}/incidents?$top=50&$expand=alerts`;
    const list = await lab.get(url, PREFER);
    for (const { file, text } of loaded) {
      expect(text).toBe(readFileSync(file, 'utf8').trim());
      expect(list.text).toContain(text);
    }
    const request = { method: 'GET', url, headers: PREFER };
    expect(contract.checkResponse(request, list)).toEqual([]);
    expect(
      contract.checkResponse(
        { ...request, url: `${ROOT}/incidents` },
        await lab.get(`${ROOT}/incidents`, PREFER),
      ),
    ).toEqual([]);
    const alertsUrl = `${ROOT}/alerts_v2`;
    expect(contract.checkResponse({ ...request, url: alertsUrl }, await lab.get(alertsUrl, PREFER))).toEqual(
      [],
    );

    for (const { id, text } of loaded) {
      const one = `${ROOT}/incidents/${id}?$expand=alerts`;
      const answer = await lab.get(one, PREFER);
      expect(answer.text).toBe(text);
      expect(contract.checkResponse({ ...request, url: one }, answer)).toEqual([]);
    }
  });

  test('the XDR API serves each file as it is', async () => {
    const { loaded } = await loadIncidentFiles([join(SAMPLES, 'xdr')]);
    const lab = startLab();
    for (const incident of loaded) lab.defender.tenant(TENANT).loadRaw(incident);
    const list = await lab.get('https://api.security.microsoft.com/api/incidents');
    for (const { id, text } of loaded) {
      expect(list.text).toContain(text);
      expect((await lab.get(`https://api.security.microsoft.com/api/incidents/${id}`)).text).toBe(text);
    }
  });
});
