import { describe, expect, it } from 'vitest';
import type { Row, RowWrite, StreamingBlobStore, TableStore } from '../../shared/storage.ts';

/** What every adapter of the storage ports must do; run on Azurite and on the store in memory. */
export function describeStores(
  stores: () => { readonly table: TableStore; readonly blobs: StreamingBlobStore },
): void {
  let partitions = 0;
  const newPartition = (): string => `p-${++partitions}`;
  const insert = (key: string, columns = {}): RowWrite => ({
    op: 'insert',
    key,
    columns: { v: 1, ...columns },
  });

  async function rowsIn(partition: string, from: string, to: string, options = {}): Promise<Row[]> {
    const found: Row[] = [];
    for await (const rows of stores().table.range(partition, from, to, options)) found.push(...rows);
    return found;
  }

  describe('table', () => {
    it('gives a row back as it was written, types and all', async () => {
      const partition = newPartition();
      const columns = {
        text: 'ä "quoted" \u{1f600} <&>',
        empty: '',
        number: 42,
        flag: true,
        time: '2026-01-22T12:09:23.1433333Z',
      };
      const etag = await stores().table.transact(partition, [insert('a', columns)]);
      expect(await stores().table.get(partition, 'a')).toEqual({
        key: 'a',
        etag,
        columns: { v: 1, ...columns },
      });
      expect(await stores().table.get(partition, 'b')).toBeUndefined();
      expect(await stores().table.get(newPartition(), 'a')).toBeUndefined();
    });

    it('writes all of a transaction or none of it', async () => {
      const partition = newPartition();
      const { table } = stores();
      await table.transact(partition, [insert('there')]);
      await expect(table.transact(partition, [insert('new'), insert('there')])).rejects.toMatchObject({
        code: 'storage.conflict',
      });
      expect(await table.get(partition, 'new')).toBeUndefined();
    });

    it('replaces only what still has the ETag that was read', async () => {
      const partition = newPartition();
      const { table } = stores();
      const first = await table.transact(partition, [insert('s', { n: 1, extra: 'gone after a replace' })]);
      const second = await table.transact(partition, [
        { op: 'replace', key: 's', columns: { n: 2 }, etag: first },
      ]);
      expect(second).not.toBe(first);
      await expect(
        table.transact(partition, [
          { op: 'replace', key: 's', columns: { n: 3 }, etag: first },
          insert('with-it'),
        ]),
      ).rejects.toMatchObject({ code: 'storage.conflict' });
      expect((await table.get(partition, 's'))?.columns).toEqual({ n: 2 });
      expect(await table.get(partition, 'with-it')).toBeUndefined();
    });

    it('gives the ETag of the first row, whatever comes with it', async () => {
      const partition = newPartition();
      const { table } = stores();
      const etag = await table.transact(partition, [
        insert('s'),
        insert('a', { note: 'ETag: "no"' }),
        { op: 'put', key: 'b', columns: { v: 1 } },
      ]);
      await table.transact(partition, [
        { op: 'replace', key: 's', columns: { v: 2 }, etag },
        { op: 'drop', key: 'a' },
      ]);
      expect((await rowsIn(partition, 'a', 'z')).map(({ key }) => key)).toEqual(['b', 's']);
    });

    it('fails a transaction that drops or replaces a row which is not there', async () => {
      const partition = newPartition();
      const { table } = stores();
      await table.transact(partition, [insert('a')]);
      for (const write of [
        { op: 'drop', key: 'missing' },
        {
          op: 'replace',
          key: 'missing',
          columns: { v: 1 },
          etag: 'W/"datetime\'2026-01-01T00%3A00%3A00Z\'"',
        },
      ] as const) {
        await expect(table.transact(partition, [insert('b'), write])).rejects.toMatchObject({
          code: 'storage.not_found',
        });
      }
      expect(await table.get(partition, 'b')).toBeUndefined();
    });

    it('lists a half-open range in key order, over many pages, and stops when the reader does', async () => {
      const partition = newPartition();
      const { table } = stores();
      const keys = Array.from({ length: 250 }, (_, n) => `x|${String(n).padStart(4, '0')}`);
      for (let start = 0; start < keys.length; start += 100) {
        await table.transact(
          partition,
          keys.slice(start, start + 100).map((key) => insert(key, { other: 1, wanted: key })),
        );
      }
      const found = await rowsIn(partition, 'x|0010', 'x|0240', { pageSize: 100, select: ['wanted'] });
      expect(found.map(({ key }) => key)).toEqual(keys.slice(10, 240));
      expect(found[0]?.columns).toEqual({ wanted: 'x|0010' });
      for await (const rows of table.range(partition, 'x|', 'y', { pageSize: 7 })) {
        expect(rows).toHaveLength(7);
        break;
      }
    });

    it('refuses more than 100 operations, and the same row twice', async () => {
      const { table } = stores();
      const many = Array.from({ length: 101 }, (_, n) => insert(`k${n}`));
      await expect(table.transact(newPartition(), many)).rejects.toThrow();
      await expect(
        table.transact(newPartition(), [insert('a'), { op: 'put', key: 'a', columns: {} }]),
      ).rejects.toThrow();
    });

    it('refuses a property over 64 KiB', async () => {
      await expect(
        stores().table.transact(newPartition(), [insert('a', { text: 'x'.repeat(33_000) })]),
      ).rejects.toThrow();
    });

    it('takes the keys that encoded ids make', async () => {
      const partition = newPartition();
      const key = 'h|a=002fb=0027.c_d-~e!0000000000000001';
      await stores().table.transact(partition, [insert(key)]);
      expect((await stores().table.get(partition, key))?.key).toBe(key);
      expect(await rowsIn(partition, 'h|', 'i')).toHaveLength(1);
    });
  });

  describe('blobs', () => {
    it('keeps bytes as they are, and overwrites', async () => {
      const { blobs } = stores();
      const content = Uint8Array.from({ length: 5_000 }, (_, n) => n % 256);
      await blobs.put('t1/incidents/1!a.json.gz', Uint8Array.of(1));
      await blobs.put('t1/incidents/1!a.json.gz', content, { v: '1' });
      expect(Uint8Array.from((await blobs.get('t1/incidents/1!a.json.gz')) ?? [])).toEqual(content);
      expect(await blobs.get('t1/incidents/none')).toBeUndefined();
    });

    it('makes a blob of staged blocks, which appears only whole, in the order told', async () => {
      const { blobs } = stores();
      const name = 't1/hunts/run/part.ndjson.gz';
      const writer = blobs.create(name);
      const ids: string[] = [];
      for (const text of ['one ', 'two ', 'never ', 'three']) ids.push(await writer.stage(Buffer.from(text)));
      expect(await blobs.get(name)).toBeUndefined();
      const [one = '', two = '', , three = ''] = ids;
      await writer.commit([two, one, three]);
      expect(Buffer.from((await blobs.get(name)) ?? []).toString()).toBe('two one three');
    });

    it('reads a range as it arrives', async () => {
      const { blobs } = stores();
      const content = Uint8Array.from({ length: 9_000 }, (_, n) => n % 251);
      await blobs.put('t1/range', content);
      const read = async (range?: { from?: number; to?: number }) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of blobs.read('t1/range', range)) chunks.push(chunk);
        return Uint8Array.from(Buffer.concat(chunks));
      };
      expect(await read()).toEqual(content);
      expect(await read({ from: 10, to: 5_010 })).toEqual(content.subarray(10, 5_010));
      expect(await read({ from: 8_990 })).toEqual(content.subarray(8_990));
      expect(await read({ from: 5, to: 5 })).toEqual(Uint8Array.of());
      await expect(blobs.read('t1/none')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
        code: 'storage.not_found',
      });
    });

    it('lists by prefix in name order, and deletes only what has not changed since', async () => {
      const { blobs } = stores();
      for (const name of ['t2/b', 't2/a', 't3/c']) await blobs.put(name, Uint8Array.of(1));
      const listed = [];
      for await (const page of blobs.list('t2/')) listed.push(...page);
      expect(listed.map(({ name }) => name)).toEqual(['t2/a', 't2/b']);
      const [first, second] = listed;
      if (!first || !second) throw new Error('nothing listed');
      expect(Math.abs(first.modifiedMs - Date.now())).toBeLessThan(120_000);
      await blobs.put(first.name, Uint8Array.of(2));
      expect(await blobs.deleteIf(first.name, first.etag)).toBe(false);
      expect(await blobs.deleteIf(second.name, second.etag)).toBe(true);
      expect(await blobs.deleteIf(second.name, second.etag)).toBe(false);
      expect(await blobs.get(first.name)).toBeDefined();
      expect(await blobs.get(second.name)).toBeUndefined();
    });
  });
}
