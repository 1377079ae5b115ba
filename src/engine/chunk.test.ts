import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildChunk } from './chunk.ts';
import type { RowMapper } from './row-mapper.ts';

interface Raw {
  readonly key: string | null;
  readonly content: number;
  readonly isBad?: boolean;
  readonly isErased?: boolean;
}

const mapper: RowMapper<number> = {
  map(value) {
    const raw = value as Raw;
    if (raw.isErased === true) return { kind: 'filtered', key: String(raw.key) };
    if (raw.key !== null && raw.isBad !== true) {
      return { kind: 'row', row: { key: raw.key, payload: raw.content, contentHash: BigInt(raw.content) } };
    }
    const rejected = {
      key: raw.key,
      stage: 'VALIDATE',
      reasonCode: raw.key === null ? 'MISSING_KEY' : 'BAD_DATE',
      field: 'created_date',
      message: 'not a date',
      maskedPayload: {},
    } as const;
    return { kind: 'rejected', rejected, contentHash: BigInt(raw.content) };
  },
  hashKey: (key) => BigInt(`0x${Buffer.from(key).toString('hex').padEnd(16, '0').slice(0, 16)}`),
  mask: () => ({ masked: true }),
};

const none: ReadonlySet<bigint> = new Set();

describe('buildChunk', () => {
  it('keeps the last row of a key that comes twice and logs the other copy, masked and not as rejected', () => {
    const chunk = buildChunk(
      [
        { key: 'a', content: 1 },
        { key: 'b', content: 2 },
        { key: 'a', content: 3 },
      ],
      null,
      mapper,
      none,
    );
    expect(chunk.rows.map((row) => [row.key, row.payload])).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
    expect(chunk).toMatchObject({ rejectedCount: 0, duplicateCount: 1, contentSum: 5n });
    expect(chunk.rejected).toMatchObject([
      { key: 'a', reasonCode: 'DUPLICATE_IN_PAGE', maskedPayload: { masked: true } },
    ]);
  });

  it('writes a key of an earlier page again and logs it', () => {
    const seen = new Set([mapper.hashKey('a')]);
    const chunk = buildChunk([{ key: 'a', content: 1 }], null, mapper, seen);
    expect(chunk.rows).toHaveLength(1);
    expect(chunk).toMatchObject({ rejectedCount: 0, duplicateCount: 1 });
    expect(chunk.rejected).toMatchObject([{ reasonCode: 'DUPLICATE_ACROSS_PAGES' }]);
  });

  it('counts rejected and filtered rows as seen, so that the API’s count can agree', () => {
    const chunk = buildChunk(
      [
        { key: 'a', content: 1, isBad: true },
        { key: null, content: 77 },
        { key: 'c', content: 3, isErased: true },
      ],
      null,
      mapper,
      none,
    );
    expect(chunk.rows).toEqual([]);
    expect(chunk.rejectedCount).toBe(2);
    expect([...chunk.keyHashes]).toEqual([mapper.hashKey('a'), 77n, mapper.hashKey('c')]);
  });

  it('counts equal rows without a key as the several rows that they are', () => {
    const keyless = { key: null, content: 77 };
    const chunk = buildChunk([keyless, keyless, keyless], null, mapper, none);
    expect(new Set(chunk.keyHashes).size).toBe(3);
    expect(chunk.rejectedCount).toBe(3);
  });

  it('never holds a key twice and accounts for every raw row', () => {
    const raws = fc.array(
      fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', null), content: fc.nat(99), isBad: fc.boolean() }),
    );
    fc.assert(
      fc.property(raws, (rows) => {
        const chunk = buildChunk(rows, null, mapper, none);
        const keys = chunk.rows.map((row) => row.key);
        expect(new Set(keys).size).toBe(keys.length);
        expect(chunk.rows.length + chunk.rejected.length).toBe(rows.length);
        for (const row of chunk.rows) {
          const last = rows.findLast((raw) => raw.key === row.key && !raw.isBad);
          expect(row.payload).toBe(last?.content);
        }
      }),
    );
  });
});
