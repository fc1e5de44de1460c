import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { appText } from '../../cli/commands/lab/app-text.ts';
import { eventText } from '../../cli/commands/lab/event-text.ts';
import { ago, counted, since } from '../../cli/output/amounts.ts';
import { displayWidth, printable, shorten } from '../../cli/output/display-text.ts';
import { createLiveBlock } from '../../cli/output/live-block.ts';
import { createScreen, type Screen } from '../../cli/output/screen.ts';
import { type Column, table } from '../../cli/output/table.ts';

/** A screen on a stream that keeps what is written. */
function keptScreen(columns?: number): { readonly screen: Screen; written(): string } {
  const stream = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns });
  return {
    screen: createScreen(stream as unknown as NodeJS.WriteStream),
    written: () => (stream.read() as Buffer | null)?.toString('utf8') ?? '',
  };
}

interface Row {
  readonly name: string;
  readonly size: number;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'Name', text: ({ name }) => name, shrinkTo: 4 },
  { title: 'Size', align: 'right', text: ({ size }) => String(size) },
];

describe('table', () => {
  it('lines columns up, numbers to the right', () => {
    const { screen } = keptScreen();
    const rows = [
      { name: 'a', size: 5 },
      { name: 'longer name', size: 12345 },
    ];
    expect(table(COLUMNS, rows, { screen, indent: 2 })).toBe(
      ['  Name          Size', '  a                5', '  longer name  12345'].join('\n'),
    );
  });

  it('keeps a heading from steering the terminal: columns of a hunt are named by what was found', () => {
    const { screen } = keptScreen();
    const columns: readonly Column<Row>[] = [{ title: 'a\x1b[2J\nb', text: ({ name }) => name }];
    const text = table(columns, [{ name: 'x', size: 1 }], { screen });
    expect(text).toBe('a [2J b\nx');
  });

  it('lets nothing of a cell reach the terminal but its text', () => {
    const { screen } = keptScreen();
    const text = table(COLUMNS, [{ name: 'a\x1b[31m\r\nb\u202ec', size: 1 }], { screen });
    expect(text.split('\n')).toHaveLength(2);
    expect(text.replaceAll('\n', '')).toBe(printable(text.replaceAll('\n', '')));
  });

  it('counts the cells of wide characters', () => {
    const { screen } = keptScreen();
    const lines = table(
      COLUMNS,
      [
        { name: '東京', size: 1 },
        { name: 'abcd', size: 1 },
      ],
      { screen },
    ).split('\n');
    expect(lines[1]).toBe('東京     1');
    expect(lines[2]).toBe('abcd     1');
  });

  it('shrinks what may shrink to a narrow terminal, and nothing elsewhere', () => {
    const rows = [{ name: 'a name that is long', size: 7 }];
    const narrow = stripVTControlCharacters(table(COLUMNS, rows, { screen: keptScreen(16).screen }));
    expect(narrow.split('\n')[1]).toBe('a name th…     7');
    expect(table(COLUMNS, rows, { screen: keptScreen().screen })).toContain('a name that is long');
  });
});

describe('texts', () => {
  it('are shortened by cells, never inside of a character', () => {
    expect(shorten('abcdef', 6)).toBe('abcdef');
    expect(shorten('abcdef', 5)).toBe('abcd…');
    expect(shorten('👩‍👩‍👧‍👦👩‍👩‍👧‍👦x', 4)).toBe('👩‍👩‍👧‍👦…');
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('👍')).toBe(2);
  });

  it('lose control characters', () => {
    expect(printable('one\ttwo\u0007\u2028three')).toBe('one two three');
  });

  it('tell amounts and times', () => {
    expect([counted(1, 'call'), counted(1234, 'call')]).toEqual(['1 call', '1,234 calls']);
    expect([500, 40_000, 180_000, 7_200_000, 86_400_000, 2e8].map(ago)).toEqual([
      'just now',
      '40 s ago',
      '3 min ago',
      '2 h ago',
      '1 day ago',
      '2 days ago',
    ]);
    expect([0, 1_250, 59_999, 65_000, 3_725_000].map(since)).toEqual([
      '+0.0 s',
      '+1.3 s',
      '+60.0 s',
      '+1:05',
      '+1:02:05',
    ]);
  });
});

describe('live block', () => {
  it('on paper is printed for news only, and not too often', () => {
    const { screen, written } = keptScreen();
    let now = 0;
    const block = createLiveBlock(screen, () => now);
    block.show(['one'], 'a');
    now = 40_000;
    block.show(['one, other age'], 'a');
    expect(written()).toBe('one\n');
    block.show(['two'], 'b');
    now = 50_000;
    block.show(['three'], 'c');
    expect(written()).toBe('two\n');
    now = 71_000;
    block.show(['three'], 'c');
    expect(written()).toBe('three\n');
  });

  it('on a terminal stays below the lines, wrapped ones counted', () => {
    const { screen, written } = keptScreen(10);
    const block = createLiveBlock(screen, () => 0);
    block.show(['123456789012', 'b'], '');
    expect(written()).toBe('123456789012\nb\n');
    block.line('news');
    expect(written()).toBe('\x1b[3A\r\x1b[Jnews\n123456789012\nb\n');
    block.end();
    block.line('after');
    expect(written()).toBe('after\n');
  });
});

describe('event texts', () => {
  const tenant = { id: 't', name: 'Fabrikam', api: 'graph', credential: 'federated' } as const;
  const change = { kind: 'merge', incidentId: '7', title: 'A\ntitle' } as const;

  it('tell what was stored, and after what', () => {
    const synced = { kind: 'synced', at: 0, tenant, incidents: 1, versions: 2 } as const;
    expect(eventText({ ...synced, changes: [change] })?.text).toBe(
      'Fabrikam: 1 new incident, 2 new versions stored, after incident 7 merged into another (A title)',
    );
    expect(eventText({ ...synced, incidents: 0, versions: 1, changes: [] })?.text).toBe(
      'Fabrikam: 1 new version stored',
    );
    expect(eventText({ ...synced, changes: [change, change] })?.text).toMatch(/, after 2 changes upstream$/);
  });

  it('tell of one that joins, and what the app may do there', () => {
    const joined = { kind: 'joined', at: 0, tenant, how: 'invitation' } as const;
    expect(eventText(joined)).toEqual({ text: 'Fabrikam: connected by invitation', tone: 'good' });
    const looked = { kind: 'lookedOver', at: 0, tenant } as const;
    const states = [
      ['incidents', 'ok'],
      ['alerts', 'ok'],
      ['deviceActions', 'notConsented'],
    ] as const;
    expect(eventText({ ...looked, states })).toEqual({
      text: 'Fabrikam: checked: incidents, alerts ok; deviceActions not consented',
      tone: 'plain',
    });
    expect(eventText({ ...looked, states: [['hunting', 'someday']] })).toEqual({
      text: 'Fabrikam: checked: hunting someday',
      tone: 'bad',
    });
  });

  it('leave to the session what it tells itself', () => {
    const message = JSON.stringify({ event: 'preflight.done', ok: false, incidents: 'ok' });
    const entry = { level: 'warning', source: 'app', message } as const;
    expect(appText(entry, false)).toBeUndefined();
    expect(appText(entry, true)?.text).toContain('preflight.done');
  });

  it('tell of trouble in red, once for many', () => {
    const trouble = { kind: 'trouble', at: 0, tenant, service: 'graph' } as const;
    expect(eventText({ ...trouble, answer: 429, times: 3 })).toEqual({
      text: 'Fabrikam: Microsoft Graph answered 429, 3 times',
      tone: 'bad',
    });
    expect(eventText({ ...trouble, answer: 'cut', times: 1 })?.text).toBe(
      'Fabrikam: Microsoft Graph cut the connection',
    );
  });
});
