import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPartWriter } from '../../../shared/hunting/run/part-writer.ts';
import { createMemoryStore } from '../../support/memory-store.ts';

/** Of two such rows one member of a part is made. */
const big = (n: number): string => `{"n":${n},"x":"${String(n % 10).repeat(600_000)}"}`;
const small = (n: number): string => `{"n":${n}}`;

const step = fc.constantFrom('big', 'big', 'small', 'mark', 'rollback');

describe('a part of a result', () => {
  it('holds exactly the rows that were not taken back, whenever members and blocks were made', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { blobs, blob } = createMemoryStore({ now: () => 0 });
        const writer = createPartWriter({ blobs, name: 'part' });
        let rows: string[] = [];
        let marked: { mark: Awaited<ReturnType<typeof writer.mark>>; rows: string[] } | undefined;
        for (const [n, what] of steps.entries()) {
          if (what === 'mark') {
            marked = { mark: await writer.mark(), rows: [...rows] };
          } else if (what === 'rollback') {
            if (!marked) continue;
            await writer.rollback(marked.mark);
            rows = [...marked.rows];
          } else {
            const added = what === 'big' ? [big(n)] : [small(n), small(-n)];
            await writer.append(added);
            rows.push(...added);
          }
          expect(writer.rows()).toBe(rows.length);
        }
        const part = await writer.close();
        expect(part?.rows ?? 0).toBe(rows.length);
        if (!part) return;
        const bytes = blob('part') ?? new Uint8Array();
        const text = gunzipSync(bytes).toString();
        expect(text === rows.map((row) => `${row}\n`).join('')).toBe(true);
        expect(part.bytes).toBe(Buffer.byteLength(text));
        expect(part.members.reduce((sum, [length]) => sum + length, 0)).toBe(bytes.length);
        expect(part.members.reduce((sum, [, count]) => sum + count, 0)).toBe(rows.length);
      }),
      { numRuns: 25 },
    );
  });

  it('is no blob before it is closed, and none at all without rows', async () => {
    const { blobs, blobNames } = createMemoryStore({ now: () => 0 });
    const empty = createPartWriter({ blobs, name: 'empty' });
    expect(await empty.close()).toBeUndefined();
    const writer = createPartWriter({ blobs, name: 'part' });
    await writer.append([big(1), big(2), big(3)]);
    await writer.mark();
    expect(blobNames()).toEqual([]);
    await writer.close();
    expect(blobNames()).toEqual(['part']);
  });

  it('fails when a block that was sent meanwhile failed', async () => {
    const create = () => ({
      stage: async () => Promise.reject(new Error('storage is away')),
      commit: async () => {},
    });
    const writer = createPartWriter({ blobs: { create }, name: 'part' });
    // Bytes that do not compress: three members are more than a block.
    const random = (): string => `{"x":"${randomBytes(900_000).toString('base64')}"}`;
    const writing = async (): Promise<void> => {
      for (let n = 0; n < 5; n += 1) await writer.append([random()]);
    };
    await expect(writing()).rejects.toThrow('storage is away');
    await expect(writer.close()).rejects.toThrow('storage is away');
  });
});
