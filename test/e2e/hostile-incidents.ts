/** An incident whose text is unusual but JSON, in Graph's shape. */
export interface HostileIncident {
  readonly what: string;
  readonly id: string;
  readonly text: string;
}

/** Texts of incidents as no document promises them; each is to be stored and given back character for character. */
export function hostileIncidents(time: string): readonly HostileIncident[] {
  const times = `"createdDateTime":"${time}","lastUpdateDateTime":"${time}"`;
  const plain = (id: string, members: string): HostileIncident['text'] =>
    `{"id":${JSON.stringify(id)},${times},"status":"active","severity":"low","displayName":"Plain",${members},"alerts":[]}`;
  const withId = (what: string, id: string): HostileIncident => ({ what, id, text: plain(id, '"n":1') });
  const withMembers = (what: string, id: string, members: string): HostileIncident => ({
    what,
    id,
    text: plain(id, members),
  });
  const withAlerts = (what: string, id: string, count: number, each: string): HostileIncident => {
    const alerts = Array.from(
      { length: count },
      (_, n) => `{"id":"${id}-al-${n}","incidentId":"${id}",${times},"description":"${each}"}`,
    );
    return {
      what,
      id,
      text: `{"id":"${id}",${times},"status":"active","severity":"low","alerts":[${alerts.join()}]}`,
    };
  };
  const deep = `${'['.repeat(150)}${']'.repeat(150)}`;
  return [
    withId('an id with slash, hash and question mark', 'a/b#c?d=e&f'),
    withId('an id that looks encoded', '%2F%20+%'),
    withId('an id of dots', '...'),
    withId('an id in other scripts', 'Ünï çødé 事件 😀'),
    withId('an id with quotes and backslash', `it's "x" \\ y`),
    withId('an id with the keys’ own separators', 'a|b!c~d=0041'),
    withId('a long id', 'long'.repeat(100)),
    withMembers('the largest 64-bit number', 'n-1', '"priorityScore":9223372036854775807'),
    withMembers('a number with a needless fraction', 'n-2', '"priorityScore":1.0,"other":-0,"third":1E5'),
    withMembers('a number beyond all doubles', 'n-3', '"priorityScore":1e400,"small":-1e-400'),
    withMembers('more digits than a double has', 'n-4', '"ratio":0.1000000000000000055511151231257827'),
    withMembers('a member twice', 'd-1', '"customTags":["a"],"customTags":["b"],"x":1,"x":1'),
    withMembers('half a surrogate pair, escaped', 's-1', '"summary":"\\ud83d and \\uDE00"'),
    withMembers('escapes that need not be', 's-2', '"summary":"\\u0041\\/\\u00e9\\u0000\\u001f"'),
    withMembers('odd Unicode', 's-3', '"summary":"\u2028\u2029\ufeff\u202eabc\u0301 😀 \u007f\uffff"'),
    withMembers('space of all kinds', 's-4', '  "x" :\t[ 1 ,\r\n 2 ]  '),
    withMembers('a member called __proto__', 'p-1', '"__proto__":{"polluted":true},"constructor":null,"":0'),
    withMembers('deep nesting', 'p-2', `"customTags":${deep}`),
    withMembers('members nobody knows', 'p-3', '"@odata.etag":"W/\\"1\\"","newThing":{"deep":[null,{}]}'),
    withMembers('a text of a megabyte', 'p-4', `"summary":"${'x'.repeat(1_000_000)}"`),
    withAlerts('a thousand alerts', 'a-1', 1_000, 'One of many'),
    withAlerts('five megabytes of alerts', 'a-2', 50, 'y'.repeat(100_000)),
    {
      what: 'enum members that are not known',
      id: 'e-1',
      text: `{"id":"e-1",${times},"status":"quantum","severity":"apocalyptic","classification":"maybe","determination":"who knows","alerts":[{"id":"al-1","incidentId":"e-1",${times},"status":"pondering","evidence":[{"@odata.type":"#microsoft.graph.security.toasterEvidence","heat":9}]}]}`,
    },
    {
      what: 'next to nothing',
      id: 'm-1',
      text: `{"lastUpdateDateTime":"${time}","createdDateTime":"${time}","id":"m-1","alerts":[]}`,
    },
    {
      what: 'members of other types',
      id: 'm-2',
      text: `{"id":"m-2",${times},"status":7,"severity":null,"displayName":{"de":"Vorfall"},"assignedTo":[],"alerts":[]}`,
    },
    {
      what: 'a title of half a surrogate pair, and a long one',
      id: 'm-3',
      text: `{"id":"m-3",${times},"status":"active","severity":"low","displayName":"${'y'.repeat(999)}😀\\ud800","assignedTo":"\\udfff","alerts":[]}`,
    },
  ];
}

/** The same in the shape of the Defender XDR API. */
export function hostileXdrIncidents(time: string): readonly HostileIncident[] {
  const times = `"createdTime":"${time}","lastUpdateTime":"${time}"`;
  return [
    {
      what: 'an id that no double can hold',
      id: '9007199254740993',
      text: `{"incidentId":9007199254740993,"redirectIncidentId":9007199254740995,${times},"status":"Redirected","severity":"Low","incidentName":"Big","alerts":[{"alertId":"al0","incidentId":9007199254740993}]}`,
    },
    {
      what: 'words and members nobody knows, numbers nobody can hold',
      id: '77',
      text: `{"incidentId":77,${times},"status":"Entangled","severity":"Purple","score":1e400,"n":9223372036854775807,"x":1.0,"x":2.50,"summary":"\\ud83d\\/  ","alerts":[{"alertId":"al1","incidentId":77,"status":"Pondering","entities":[{"entityType":"Toaster","heat":1.10}]}]}`,
    },
    {
      what: 'next to nothing',
      id: '78',
      text: `{"incidentId":78,"lastUpdateTime":"${time}","createdTime":"${time}"}`,
    },
  ];
}
