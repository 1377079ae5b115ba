import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { aMember, anItem, anOrder, type ApiRow } from '../../support/dataset-rows.ts';
import { createDatasetFixture, OBSERVED_AT_MS, type DatasetFixture } from './dataset-fixture.ts';

/** One look at the API by one of several runs: which keys it shows, and with which content. */
interface Look {
  readonly second: number;
  readonly run: number;
  readonly contents: Readonly<Record<string, number>>;
}

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

const looks = fc.uniqueArray(
  fc.record({
    second: fc.integer({ min: 0, max: 30 }),
    run: fc.integer({ min: 0, max: 2 }),
    contents: fc.dictionary(fc.constantFrom(...KEYS), fc.integer({ min: 0, max: 2 }), {
      minKeys: 1,
      maxKeys: KEYS.length,
    }),
  }),
  // one second shows one content only, else there would be no newest
  { selector: (look) => look.second, minLength: 1, maxLength: 12 },
);

function newestOf(pages: readonly Look[]): Record<string, number> {
  const newest: Record<string, number> = {};
  for (const look of pages.toSorted((a, b) => a.second - b.second)) Object.assign(newest, look.contents);
  return newest;
}

async function expectNewest(
  fixture: DatasetFixture,
  toRow: (key: string, content: number) => ApiRow,
  readContents: () => Promise<Record<string, number>>,
  tables: string,
): Promise<void> {
  const runs = [await fixture.addExecution(), await fixture.addExecution(), await fixture.addExecution()];
  await fc.assert(
    fc.asyncProperty(looks, async (pages) => {
      await fixture.test.query(`truncate ${tables}`);
      for (const { second, run, contents } of pages) {
        const rows = Object.entries(contents).map(([key, content]) => toRow(key, content));
        const result = await fixture.write(rows, {
          executionId: runs[run] ?? 0,
          observedAtMs: OBSERVED_AT_MS + second * 1_000,
        });
        const { inserted, updated, unchanged, stale, refused } = result;
        expect([inserted + updated + unchanged + stale, refused]).toEqual([rows.length, []]);
      }
      expect(await readContents()).toEqual(newestOf(pages));
    }),
    { numRuns: 60 },
  );
}

describe('any interleaving of pages', () => {
  let members: DatasetFixture;
  let orders: DatasetFixture;
  beforeAll(async () => {
    members = await createDatasetFixture('MEMBER');
    orders = await createDatasetFixture('ORDER');
  });

  it('leaves the newest of each member', async () => {
    expect.hasAssertions();
    await expectNewest(
      members,
      (key, content) => aMember({ member_id: key, group_no: content }),
      async () => {
        const rows = await members.test.query<{ member_id: string; group_no: number }>(
          'select member_id, group_no from mallsync.tb_member',
        );
        return Object.fromEntries(rows.map((row) => [row.member_id, row.group_no]));
      },
      'mallsync.tb_member',
    );
  });

  it('leaves the newest items of each order, all of them and no others', async () => {
    const itemsOf = (key: string, count: number): readonly ApiRow[] =>
      Array.from({ length: count }, (_, n) => anItem({ order_item_code: `${key}-0${n}`, quantity: count }));
    await expectNewest(
      orders,
      (key, content) => anOrder({ order_id: key, items: itemsOf(key, content) }),
      async () => {
        const rows = await orders.test.query<{ order_id: string; items: number; quantities: number[] }>(
          `select o.order_id, count(i.order_item_code)::int as items, coalesce(array_agg(distinct i.quantity)
             filter (where i.quantity is not null), '{}') as quantities
           from mallsync.tb_order o left join mallsync.tb_order_item i using (mall_id, shop_no, order_id) group by 1`,
        );
        for (const row of rows) expect(row.quantities).toEqual(row.items === 0 ? [] : [row.items]);
        return Object.fromEntries(rows.map((row) => [row.order_id, row.items]));
      },
      'mallsync.tb_order, mallsync.tb_order_item',
    );
  });
});
