import { describe, expect, it } from 'vitest';
import { identityOf, VOLATILE_COLUMNS } from '../../../shared/hunting/findings/identity.ts';

const columns = (...names: string[]) => names.map((name) => ({ name, type: 'String' }));
const byKeys = (...keys: string[]) => identityOf({ id: 'q', keys }, columns('A', 'B', 'C'));
const byRow = (id = 'q') => identityOf({ id, keys: [] }, columns('A', 'Timestamp'));

describe('the identity of a finding', () => {
  it('is the exact values of its keys, whatever else the row says', () => {
    const { of } = byKeys('A', 'B');
    expect(of('{"A":1,"B":"x","C":1}')).toBe(of('{"C":2,"B":"\\u0078","A":1}'));
    expect(of('{"A":9007199254740993}')).not.toBe(of('{"A":9007199254740992}'));
    expect(of('{"A":0.1234567890123456789}')).not.toBe(of('{"A":0.1234567890123456788}'));
    expect(of('{"A":"1"}')).not.toBe(of('{"A":1}'));
    expect(of('{"A":""}')).not.toBe(of('{"A":null}'));
    expect(of('{"A":"x","B":"y"}')).not.toBe(of('{"A":"y","B":"x"}'));
    expect(of('{"A":null,"B":1}')).toBe(of('{"B":1}'));
  });

  it('is the same for the same dynamic value, and whatever long number stands beside it', () => {
    const { of } = byKeys('A');
    expect(of('{"A":{"x":1.50,"y":[1,2]}}')).toBe(of('{"A":{"y":[1,2],"x":1.5},"C":12345678901234567890}'));
    expect(of('{"A":[1,2]}')).not.toBe(of('{"A":[2,1]}'));
  });

  it('without keys is the whole row less volatile columns, annotations and nulls', () => {
    const { of } = byRow();
    const volatile = Object.fromEntries(VOLATILE_COLUMNS.map((name) => [name, 'other']));
    expect(of('{"A":1}')).toBe(
      of(
        JSON.stringify({ ...volatile, timestamp: 1, REPORTID: 2, 'A@odata.type': '#Int64', A: 1, New: null }),
      ),
    );
    expect(of('{"A":1}')).not.toBe(of('{"A":1,"EventTime":1}'));
    expect(of('{"A":1}')).not.toBe(byRow('other').of('{"A":1}'));
  });

  it('names its definition, which neither order nor volatile columns change', () => {
    expect(byKeys('A', 'B').definition).toBe(byKeys('B', 'A').definition);
    expect(byKeys('A').definition).not.toBe(byKeys('A', 'B').definition);
    expect(byRow().definition).toBe(identityOf({ id: 'q', keys: [] }, columns('A', 'ReportId')).definition);
    expect(byRow().definition).not.toBe(identityOf({ id: 'q', keys: [] }, columns('A', 'D')).definition);
    expect(byRow().definition).not.toBe(byKeys('A').definition);
    expect(byKeys('A', 'B').of('{"A":1,"B":2}')).toBe(byKeys('B', 'A').of('{"A":1,"B":2}'));
  });

  it('is refused where a key is no column: all rows would be the same finding', () => {
    expect(() => byKeys('D')).toThrow('column D, which its answer does not have');
    const unnamed = identityOf({ id: 'q', keys: ['D'] }, []);
    expect(() => unnamed.of('{"A":1}')).toThrow('column D');
    expect(unnamed.of('{"D":null}')).toMatch(/^[0-9a-f]{32}$/);
  });
});
