import { describe, expect, test } from 'vitest';
import { prepareHunt } from '../../../shared/hunting/ask/prepare-hunt.ts';
import { createAskRig } from './rig.ts';

const ASK = { askedBy: 'somebody' };

describe('a hunt', () => {
  test('is checked exactly as it is sent', async () => {
    const rig = createAskRig();
    const hunt = await prepareHunt(rig, { ...ASK, query: { id: 'USB' }, parameters: { Least: 7 } });
    expect(hunt).toMatchObject({
      text: 'let Least = long(7);\nDeviceFileEvents\n| where Count > Least\n',
      query: { id: 'usb' },
      parameters: { Least: 7 },
      origin: 'adhoc',
    });
    expect(rig.checked).toEqual([{ text: hunt.text, platform: 'xdr' }]);
  });

  test('is refused with places in its own text, not in what was bound in front', async () => {
    const find = ({ text }: { text: string }) => [
      {
        code: 'KS142',
        severity: 'error' as const,
        message: 'No such column.',
        start: text.indexOf('Count'),
        length: 5,
        suggestion: 'Amount',
      },
      { code: 'KQL1', severity: 'warning' as const, message: 'Slow.', start: 0, length: 1 },
    ];
    const rig = createAskRig(find);
    await expect(prepareHunt(rig, { ...ASK, query: { id: 'usb' } })).rejects.toMatchObject({
      code: 'hunt.query_invalid',
      facts: {
        details: ['2:9: KS142 No such column. Did you mean Amount?'],
        textFaults: [{ code: 'KS142', line: 2, column: 9, endLine: 2, endColumn: 14 }],
      },
    });
  });

  test('is not refused for a warning', async () => {
    const warn = () => [
      { code: 'KQL1', severity: 'warning' as const, message: 'Slow.', start: 0, length: 1 },
    ];
    const hunt = await prepareHunt(createAskRig(warn), { ...ASK, query: { text: 'T' } });
    expect(hunt.check.diagnostics).toHaveLength(1);
  });

  test.each([
    [
      { query: { text: 'T' }, parameters: { Least: 1 } },
      'hunt.parameter_invalid',
      /"Least" is not one of its parameters/,
    ],
    [{ query: { id: 'usb' }, parameters: { Least: 'x' } }, 'hunt.parameter_invalid', /"Least" \(long\)/],
    [{ query: { id: 'ubs' } }, 'request.invalid', /queryId: There is no query "ubs".*Did you mean usb\?/],
  ])('is refused before any check: %j', async (ask, code, words) => {
    const rig = createAskRig();
    const refused = prepareHunt(rig, { ...ASK, ...ask });
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
    expect(rig.checked).toEqual([]);
  });

  test('is refused where a parameter that it needs is missing, by name', async () => {
    const { library, kql, checked } = createAskRig();
    const usb = await library.find('usb');
    const parameters = usb.parameters.map(({ default: _none, ...rest }) => ({ ...rest, required: true }));
    const ask = { ...ASK, query: { definition: { ...usb, parameters } } };
    await expect(prepareHunt({ library, kql }, ask)).rejects.toMatchObject({
      code: 'hunt.parameter_invalid',
      message: expect.stringMatching(/"Least" .*(missing|needed|required)/),
    });
    expect(checked).toEqual([]);
  });

  test('that cannot be run as it is says why', async () => {
    const { library, kql } = createAskRig();
    const definition = { ...(await library.find('usb')), notRunnable: '<domain> is to be filled in.' };
    await expect(prepareHunt({ library, kql }, { ...ASK, query: { definition } })).rejects.toThrow(
      /cannot be run as it is: <domain>/,
    );
  });
});

describe('the library', () => {
  test('checks each query once, when it is first looked at', async () => {
    const rig = createAskRig();
    const first = await rig.library.list({ top: 2 });
    expect(first.queries.map(({ query }) => query.id)).toEqual(['usb', 'a']);
    expect(rig.checked).toHaveLength(2);
    const second = await rig.library.list({ top: 2, after: first.next });
    expect([second.queries.map(({ query }) => query.id), second.next]).toEqual([['b', 'c'], undefined]);
    await rig.library.list({ top: 10 });
    expect(rig.checked).toHaveLength(4);
  });

  test('forgets a check that failed by itself', async () => {
    const failed = () => [
      { code: 'KQL900', severity: 'error' as const, message: 'The checker ended.', start: 0, length: 0 },
    ];
    const rig = createAskRig(failed);
    await rig.library.list({ top: 1 });
    await rig.library.list({ top: 1 });
    expect(rig.checked).toHaveLength(2);
  });
});
