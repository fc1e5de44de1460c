import { describe, expect, it } from 'vitest';
import { groupFaults } from '../../shared/config-callers.ts';
import { federated, guid, list, named, read, textOf } from './settings.ts';

const NAME = 'OUTRIDER_API_TENANT_GROUPS';
const groupsOf = (value: unknown) =>
  read({ [NAME]: typeof value === 'string' ? value : JSON.stringify(value) });

describe('whose callers are let in', () => {
  it('is the own directory alone, unless the setting says otherwise', () => {
    expect(read().api?.callers).toBe('single-tenant');
    expect(read({ OUTRIDER_API_CALLERS: 'multi-tenant' }).api?.callers).toBe('multi-tenant');
  });

  it.each(['Multi-Tenant', 'multi', 'true', 'all'])(
    'is the own directory alone with %s, and a fault',
    (value) => {
      const config = read({ OUTRIDER_API_CALLERS: value });
      expect(config.api?.callers).toBe('single-tenant');
      expect(named(config)).toEqual(['OUTRIDER_API_CALLERS']);
    },
  );
});

describe('groups of tenants', () => {
  it('are given by object id or app role, ids and names in lower case', () => {
    const id = 'ABCDEFAB-ABCD-4ABC-8ABC-ABCDEFABCDEF';
    const config = groupsOf({ [id]: '*', Analysts: ['EMEA', 'banks.1'], [guid(7)]: ['apac'] });
    expect(config.faults).toEqual([]);
    expect([...(config.api?.tenantGroups ?? [])]).toEqual([
      [id.toLowerCase(), ['*']],
      ['Analysts', ['emea', 'banks.1']],
      [guid(7), ['apac']],
    ]);
  });

  it.each(['', ' '])('are not restricted without the setting (%j)', (value) => {
    expect(groupsOf(value).api?.tenantGroups).toBeUndefined();
  });

  it.each(['{', 'null', '[]', '"x"', '7'])('that are no object give nobody anything: %s', (value) => {
    const config = groupsOf(value);
    expect(config.api?.tenantGroups).toEqual(new Map());
    expect(textOf(config, NAME)).toMatch(/must be a JSON object .* see no tenant/);
  });

  it.each([
    ['an app role with all', { Analysts: '*' }, /to an object id alone/],
    ['all beside others', { [guid(7)]: ['*', 'emea'] }, /"\*" alone/],
    ['no list', { [guid(7)]: 'emea' }, /list of names/],
    ['an empty list', { [guid(7)]: [] }, /list of names/],
    ['a name that is none', { [guid(7)]: ['a b'] }, /list of names/],
    ['no name of a caller', { ' ': ['emea'] }, /list of names/],
  ])('with %s give that caller nothing, and the others theirs', (_what, faulty, text) => {
    const config = groupsOf({ ...faulty, [guid(9)]: ['emea'] });
    expect([...(config.api?.tenantGroups ?? [])]).toEqual([[guid(9), ['emea']]]);
    expect(textOf(config, NAME)).toMatch(text);
    expect(textOf(config, NAME)).toMatch(/see no tenant/);
  });

  it('that name a caller twice give it nothing', () => {
    const config = groupsOf({
      'abcdefab-abcd-4abc-8abc-abcdefabcdef': '*',
      'ABCDEFAB-ABCD-4ABC-8ABC-ABCDEFABCDEF': ['emea'],
    });
    expect([...(config.api?.tenantGroups?.values() ?? [])]).toEqual([[]]);
    expect(textOf(config, NAME)).toMatch(/is there twice/);
  });

  it('in a setting whose name is misspelt give nobody anything', () => {
    const config = read({ OUTRIDER_API_TENANT_GROUP: '{}' });
    expect(config.api?.tenantGroups).toEqual(new Map());
    expect(named(config)).toEqual(['OUTRIDER_API_TENANT_GROUP']);
  });

  it('that no tenant is in are told, with what was meant', () => {
    const { api, tenants } = read({
      ...list({ id: guid(1), credential: federated, groups: ['EMEA', 'banks'] }),
      [NAME]: JSON.stringify({ [guid(7)]: ['emea', 'bankz'], [guid(8)]: '*' }),
    });
    expect(tenants[0]?.groups).toEqual(['emea', 'banks']);
    expect(groupFaults(api?.tenantGroups, tenants)).toEqual([
      { area: 'api', setting: NAME, text: `${NAME}: no tenant is in the group "bankz". Did you mean banks?` },
    ]);
    expect(groupFaults(undefined, tenants)).toEqual([]);
  });

  it('of a tenant must be a list of names', () => {
    for (const groups of [['a b'], 'emea', [7], Array.from({ length: 101 }, (_, n) => `g${n}`)]) {
      const config = read(list({ id: guid(1), credential: federated, groups }));
      expect(config.tenants).toEqual([]);
      expect(config.faults[0]?.text).toMatch(/groups/);
    }
  });
});
