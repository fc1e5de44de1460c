import { describe, expect, test } from 'vitest';
import { addParameter, valuesFor } from '../../cli/commands/hunt/parameter-values.ts';
import { huntIn, runNamed } from '../../cli/commands/hunt/target.ts';
import { queryNamed } from '../../cli/commands/hunt/which-query.ts';
import { readConfig } from '../../shared/config.ts';
import type { ParameterDeclaration } from '../../shared/hunting/query.ts';

const ID = '11111111-2222-4333-8444-000000000001';
const federated = { kind: 'managedIdentity' };
const outriderOf = (...names: readonly string[]) => {
  const tenants = names.map((name, n) => ({ id: ID.replace(/.$/, String(n)), name, credential: federated }));
  return readConfig({ OUTRIDER_TENANTS: names.length === 0 ? undefined : JSON.stringify(tenants) });
};

describe('where to hunt', () => {
  test('is the tenant that is named, all, or the only one', () => {
    const two = outriderOf('Fabrikam', 'Contoso');
    expect(huntIn(two, { tenant: 'CONTOSO' }).map(({ name }) => name)).toEqual(['Contoso']);
    expect(huntIn(two, { tenant: ID.replace(/.$/, '0') }).map(({ name }) => name)).toEqual(['Fabrikam']);
    expect(huntIn(two, { all: true })).toHaveLength(2);
    const paused = two.tenants.map((tenant, n) => ({ ...tenant, enabled: n === 1 }));
    expect(huntIn({ ...two, tenants: paused }, { all: true }).map(({ name }) => name)).toEqual(['Contoso']);
    const none = two.tenants.map((tenant) => ({ ...tenant, enabled: false }));
    expect(() => huntIn({ ...two, tenants: none }, { all: true })).toThrow(/No tenant is in service/);
    expect(huntIn(outriderOf('Fabrikam'), {})).toHaveLength(1);
  });

  test.each([
    [['Fabrikam', 'Contoso'], {}, /Say where: --tenant, one of Fabrikam, Contoso; or --all\./],
    [['Fabrikam'], { tenant: 'x' }, /There is no tenant x\. Known: Fabrikam\./],
    [['Fabrikam'], { tenant: 'Fabrikam', all: true }, /Either --tenant or --all/],
    [[], { all: true }, /No tenant is configured: set OUTRIDER_TENANT_ID/],
  ] as const)('is asked for: %j %j', (names, options, words) => {
    expect(() => huntIn(outriderOf(...names), options)).toThrow(words);
    expect(() => huntIn(outriderOf(...names), options)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

describe('values of parameters', () => {
  const declarations = [
    { name: 'Names', type: 'string', list: true, required: false },
    { name: 'Text', type: 'string', list: false, required: false },
  ] satisfies ParameterDeclaration[];

  test.each([
    ['Text=a,b', { Text: 'a,b' }],
    ['Text=a=b\nc', { Text: 'a=b\nc' }],
    ['Text=', { Text: '' }],
    ['Names=a, b', { Names: ['a', 'b'] }],
    ['Names=["a,b", "c"]', { Names: ['a,b', 'c'] }],
    ['Names=', { Names: [] }],
    ['Names=[a', { Names: '[a' }],
    ['Other=1', { Other: '1' }],
  ])('%j', (text, values) => {
    expect(valuesFor(declarations, addParameter(text))).toEqual(values);
  });

  test('must have a name and a value, and be given once', () => {
    expect(() => addParameter('a')).toThrow(/name=value/);
    expect(() => addParameter('=a')).toThrow(/name=value/);
    expect(() => addParameter('a=2', addParameter('a=1'))).toThrow(/a is given twice/);
  });
});

test('a run is named by its id', () => {
  const run = `${ID}_${'0'.repeat(25)}`;
  expect(runNamed(run)).toEqual({ tenant: ID, run });
  expect(() => runNamed('x')).toThrow(/x is no id of a run/);
});

describe('the query that a word means', () => {
  const queries = new URL('../../queries', import.meta.url).pathname;

  test('is a file, a query of the library, or KQL', async () => {
    expect(await queryNamed(`${queries}/device-files-to-usb.yaml`, 'nowhere')).toMatchObject({
      definition: { id: 'device-files-to-usb' },
    });
    expect(await queryNamed('DEVICE-FILES-TO-USB', queries)).toMatchObject({
      definition: { id: 'device-files-to-usb' },
    });
    expect(await queryNamed('DeviceInfo | take 1', 'nowhere')).toEqual({ text: 'DeviceInfo | take 1' });
  });

  test('is asked for when there is none', async () => {
    await expect(queryNamed('device-files-to-usp', queries)).rejects.toThrow(
      /Did you mean device-files-to-usb\?/,
    );
    await expect(queryNamed(queries, queries)).rejects.toThrow(/is a folder/);
    await expect(queryNamed('hunts/none.kql', queries)).rejects.toThrow('There is no file hunts/none.kql.');
  });
});
