import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spliceAlerts } from '../../shared/clients/splice-alerts.ts';
import { objectText, valueText } from './json-text.ts';

const LINK = '"alerts@odata.nextLink":"https://graph.microsoft.com/x?$skip=1"';

describe('alerts of further pages', () => {
  it.each([
    [
      'after the others',
      `{"id":"1", "alerts": [ {"id":"a"} ],${LINK},"n":1.0}`,
      '{"id":"1", "alerts": [ {"id":"a"},{"id":"b"} ],"n":1.0}',
    ],
    ['into an empty list', `{${LINK},"alerts":[]}`, '{"alerts":[{"id":"b"}]}'],
    ['in the place of null', `{"alerts":null, ${LINK} }`, '{"alerts":[{"id":"b"}] }'],
    ['in the place of the link', `{"id":"1",${LINK}}`, '{"id":"1","alerts":[{"id":"b"}]}'],
    [
      'into the last of two lists',
      `{"alerts":[1],${LINK},"alerts":[2]}`,
      '{"alerts":[1],"alerts":[2,{"id":"b"}]}',
    ],
    ['without any of the links', `{${LINK},"alerts":[2],${LINK},${LINK}}`, '{"alerts":[2,{"id":"b"}]}'],
    ['as a last member where there is no list', '{"id":"1" }', '{"id":"1","alerts":[{"id":"b"}] }'],
    ['into an incident without any member', '{ }', '{"alerts":[{"id":"b"}] }'],
    ['over a link in escapes', '{"alerts":[],"alerts@odata.nextLin\\u006b":"x"}', '{"alerts":[{"id":"b"}]}'],
  ])('go %s', (_where, text, expected) => {
    expect(spliceAlerts(text, ['{"id":"b"}'])).toBe(expected);
  });

  it('leave everything else as it is, and the text valid', () => {
    const member = fc.tuple(fc.constantFrom('a', 'b', 'alerts', 'alerts@odata.nextLink'), valueText);
    fc.assert(
      fc.property(fc.array(member), fc.array(objectText, { maxLength: 3 }), (members, more) => {
        const text = `{${members.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(' , ')}}`;
        const before = JSON.parse(text);
        const { 'alerts@odata.nextLink': _link, alerts, ...others } = before;
        const added = more.map((item) => JSON.parse(item));
        const had = Array.isArray(alerts) ? alerts : [];
        expect(JSON.parse(spliceAlerts(text, more))).toEqual({ ...others, alerts: [...had, ...added] });
      }),
    );
  });
});
