import { describe, expect, it } from 'vitest';
import type { CheckRequest, Diagnostic } from '../../../shared/hunting/ports.ts';
import type { HuntingQuery } from '../../../shared/hunting/query.ts';
import { createPrepareQuery } from '../../../shared/hunting/schedule/prepare.ts';
import { QUERY } from './schedule-rig.ts';

function createCheck(...codes: string[]) {
  const asked: CheckRequest[] = [];
  const diagnostics = codes.map(
    (code): Diagnostic => ({ code, severity: 'error', message: 'It is wrong.', start: 0, length: 1 }),
  );
  const prepare = createPrepareQuery({
    async check(request) {
      asked.push(request);
      const slicing = { possible: false, reason: '' } as const;
      return { diagnostics, columns: [], columnsComplete: true, tables: [], slicing, clockCalls: [] };
    },
  });
  return { asked, prepare };
}

const days = (value: unknown): HuntingQuery => ({
  ...QUERY,
  parameters: [{ name: 'days', type: 'int', list: false, required: false, default: value }],
});

describe('a query of a schedule', () => {
  it('is bound to its defaults and checked as it is sent, once for all tenants', async () => {
    const { asked, prepare } = createCheck();
    const query = days(7);
    const [first, second] = await Promise.all([prepare(query), prepare(query)]);
    expect(first.text).toBe(`let days = int(7);\n${QUERY.text}`);
    expect(second).toEqual(first);
    expect(asked).toEqual([{ text: first.text, platform: 'xdr', findings: { keys: ['Device'] } }]);
    await prepare(days(8));
    expect(asked).toHaveLength(2);
  });

  it.each([
    [days('x'), [], 'hunt.parameter_invalid', '"days"'],
    [
      { ...QUERY, notRunnable: 'It has a <placeholder>.' },
      [],
      'hunt.query_invalid',
      'It has a <placeholder>.',
    ],
    [
      QUERY,
      ['KS1', 'KS2', 'KS3', 'KS4', 'KS5'],
      'hunt.query_invalid',
      'KS3: It is wrong. And 2 more. Correct queries/odd.yaml',
    ],
  ])('is refused with what to correct: %#', async (query, codes, code, words) => {
    const { prepare } = createCheck(...codes);
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(prepare(query)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    }
  });

  it('is checked again after the checker itself failed, and not after the query did', async () => {
    for (const [code, times] of [
      ['KQL900', 2],
      ['KS1', 1],
    ] as const) {
      const { asked, prepare } = createCheck(code);
      const query = { ...QUERY };
      for (let tries = 0; tries < 2; tries += 1) await prepare(query).catch(() => {});
      expect(asked).toHaveLength(times);
    }
  });
});
