import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../src/adapters/postgres/page-session.ts';
import type { WindowBounds } from '../../../src/domain/window.ts';
import { aMember, anHour, anItem, anOrder, type ApiRow } from '../../support/dataset-rows.ts';
import { createDatasetFixture, OBSERVED_AT_MS, type DatasetFixture } from './dataset-fixture.ts';

const LATER = OBSERVED_AT_MS + 60_000;
const DAY = {
  shopNo: 1,
  fromMs: Date.parse('2025-03-02T00:00:00+09:00'),
  untilMs: Date.parse('2025-03-03T00:00:00+09:00'),
};

function markMissing(
  fixture: DatasetFixture,
  window: WindowBounds,
  keys: readonly string[],
  observedAtMs = LATER,
): Promise<number> {
  const hashes = BigUint64Array.from(keys.map((key) => fixture.mapper.hashKey(key)));
  return inTransaction(fixture.database, (client) =>
    fixture.store.markMissing(client, { mallId: 1, executionId: 2, observedAtMs }, window, hashes),
  );
}

describe('members that a complete reading no longer has', () => {
  const joined = { ...DAY, dateType: 'join' };
  let fixture: DatasetFixture;
  beforeAll(async () => {
    fixture = await createDatasetFixture('MEMBER');
  });
  beforeEach(async () => {
    await fixture.test.query('truncate mallsync.tb_member');
    await fixture.write([
      aMember({ member_id: 'kept' }),
      aMember({ member_id: 'gone' }),
      aMember({ member_id: 'next_day', created_date: '2025-03-03T00:00:00+09:00' }),
      aMember({ member_id: 'other_shop', shop_no: 2 }),
    ]);
    await fixture.write([aMember({ member_id: 'other_mall' })], { mallId: 2 });
  });
  const readMissing = async (): Promise<readonly unknown[]> =>
    (
      await fixture.test.query<{ member_id: string }>(
        'select member_id from mallsync.tb_member where missing_since is not null order by 1',
      )
    ).map((row) => row.member_id);

  it('are marked, within the window, shop and mall only', async () => {
    expect(await markMissing(fixture, joined, ['1|kept'])).toBe(1);
    expect(await readMissing()).toEqual(['gone']);
    expect(
      await fixture.test.query(
        `select missing_since, changed_execution_id from mallsync.tb_member where member_id = 'gone'`,
      ),
    ).toEqual([{ missing_since: new Date(LATER), changed_execution_id: '2' }]);
  });

  it('are marked once', async () => {
    await markMissing(fixture, joined, ['1|kept']);
    expect(await markMissing(fixture, joined, ['1|kept'], LATER + 1_000)).toBe(0);
  });

  it('are not marked by a reading older than the row', async () => {
    expect(await markMissing(fixture, joined, [], OBSERVED_AT_MS - 1_000)).toBe(0);
  });

  it('are no longer missing when they are seen again, though equal', async () => {
    await markMissing(fixture, joined, ['1|kept']);
    expect(await fixture.write([aMember({ member_id: 'gone' })], { observedAtMs: LATER + 1_000 })).toMatchObject({
      updated: 1,
    });
    expect(await readMissing()).toEqual([]);
  });

  it('stay missing when a page shows them that is older than the reading', async () => {
    await markMissing(fixture, joined, ['1|kept']);
    expect(await fixture.write([aMember({ member_id: 'gone' })], { observedAtMs: LATER - 1_000 })).toMatchObject({
      stale: 1,
    });
    expect(await readMissing()).toEqual(['gone']);
  });

  it('are not concluded from a window by another date', async () => {
    expect(await markMissing(fixture, { ...DAY, dateType: 'login' }, [])).toBe(0);
  });
});

describe('orders and hours that a complete reading no longer has', () => {
  it('marks the order and its items', async () => {
    const fixture = await createDatasetFixture('ORDER');
    const order = (serial: number, at: string): ApiRow => {
      const order_id = `20250302-000000${serial}`;
      return anOrder({ order_id, order_date: at, items: [anItem({ order_item_code: `${order_id}-01` })] });
    };
    const orders = [1, 2, 3].map((serial) => order(serial, `2025-03-02 0${serial}:00:00`));
    await fixture.write(orders);
    const window = { ...DAY, dateType: 'order_date', untilMs: Date.parse('2025-03-02T03:00:00+09:00') };
    expect(await markMissing(fixture, window, ['1|20250302-0000001'])).toBe(1);
    const readMissing = (table: string): Promise<unknown[]> =>
      fixture.test.query(`select order_id from mallsync.${table} where missing_since is not null`);
    expect([await readMissing('tb_order'), await readMissing('tb_order_item')]).toEqual([
      [{ order_id: '20250302-0000002' }],
      [{ order_id: '20250302-0000002' }],
    ]);
    expect(await fixture.write(orders, { observedAtMs: LATER + 1_000 })).toMatchObject({ updated: 1, unchanged: 2 });
    expect([await readMissing('tb_order'), await readMissing('tb_order_item')]).toEqual([[], []]);
  });

  it('marks an hour of sales by the time at which it begins', async () => {
    const fixture = await createDatasetFixture('SALES');
    await fixture.write([0, 9, 10, 23].map((hour) => anHour({ collection_hour: hour })));
    const window = {
      shopNo: 1,
      dateType: 'collection_date',
      fromMs: Date.parse('2025-03-02T09:00:00+09:00'),
      untilMs: Date.parse('2025-03-02T11:00:00+09:00'),
    };
    expect(await markMissing(fixture, window, ['1|2025-03-02|10'])).toBe(1);
    expect(
      await fixture.test.query('select collection_hour from mallsync.tb_sales_hourly where missing_since is not null'),
    ).toEqual([{ collection_hour: 9 }]);
  });
});
