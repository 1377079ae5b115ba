import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anItem, anOrder, type ApiRow } from '../../support/dataset-rows.ts';
import { createDatasetFixture, OBSERVED_AT_MS, readWrittenTuples, type DatasetFixture } from './dataset-fixture.ts';

const LATER = OBSERVED_AT_MS + 60_000;
const NOTHING = { inserted: 0, updated: 0, unchanged: 0, stale: 0, refused: [] };

const item = (orderId: string, n: number, changes: ApiRow = {}): ApiRow =>
  anItem({ order_item_code: `${orderId}-0${n}`, item_no: n, ...changes });

const order = (serial: number, items: number, changes: ApiRow = {}): ApiRow => {
  const orderId = `20250302-000000${serial}`;
  const list = Array.from({ length: items }, (_, index) => item(orderId, index + 1));
  return anOrder({ order_id: orderId, items: list, ...changes });
};

describe('writing orders', () => {
  let fixture: DatasetFixture;
  beforeAll(async () => {
    fixture = await createDatasetFixture('ORDER');
  });
  beforeEach(async () => {
    await fixture.test.query('truncate mallsync.tb_order, mallsync.tb_order_item');
  });
  const readItems = async (): Promise<readonly string[]> =>
    (
      await fixture.test.query<{ text: string }>(
        `select concat_ws(' ', order_item_code, order_status, first_execution_id, changed_execution_id) as text
         from mallsync.tb_order_item order by order_item_code`,
      )
    ).map((row) => row.text);

  it('stores the order and its items with exact amounts', async () => {
    expect(await fixture.write([order(1, 2), order(2, 0)])).toEqual({ ...NOTHING, inserted: 2 });
    expect(
      await fixture.test.query(
        `select order_id, initial_payment_amount::text, actual_total_amount_due::text, total_supply_price::text, exchange_rate::text,
           payment_method, paid, canceled, first_order, shipping_fee_detail->0->>'supplier_code' as supplier
         from mallsync.tb_order order by order_id limit 1`,
      ),
    ).toEqual([
      {
        order_id: '20250302-0000001',
        initial_payment_amount: '43000.00',
        actual_total_amount_due: '0.00',
        total_supply_price: '27000',
        exchange_rate: '1.0000',
        payment_method: ['card'],
        paid: 'T',
        canceled: 'M',
        first_order: true,
        supplier: 'S0000000',
      },
    ]);
    expect(
      await fixture.test.query(
        'select order_item_code, ordered_date, product_no, quantity, extra from mallsync.tb_order_item order by 1 limit 1',
      ),
    ).toEqual([
      {
        order_item_code: '20250302-0000001-01',
        ordered_date: new Date('2025-03-02T02:21:35Z'),
        product_no: '101',
        quantity: 2,
        extra: { product_material: 'porcelain' },
      },
    ]);
  });

  it('makes the items those of the changed order, and rewrites only those that differ', async () => {
    await fixture.write([order(1, 3), order(2, 1)]);
    const id = '20250302-0000001';
    const items = [item(id, 1), item(id, 2, { order_status: 'C40' }), item(id, 4)];
    const before = await readWrittenTuples(fixture.test, 'tb_order_item');
    const result = await fixture.write([order(1, 3, { items }), order(2, 1)], { observedAtMs: LATER, executionId: 2 });
    expect(result).toEqual({ ...NOTHING, updated: 1, unchanged: 1 });
    expect(await readItems()).toEqual([
      `${id}-01 N20 1 1`,
      `${id}-02 C40 1 2`,
      `${id}-04 N20 2 2`,
      '20250302-0000002-01 N20 1 1',
    ]);
    const after = await readWrittenTuples(fixture.test, 'tb_order_item');
    expect([after.inserted - before.inserted, after.updated - before.updated, after.deleted - before.deleted]).toEqual([
      1, 1, 1,
    ]);
  });

  it('removes the items of an order that has none any more', async () => {
    await fixture.write([order(1, 2)]);
    await fixture.write([order(1, 0)], { observedAtMs: LATER });
    expect(await readItems()).toEqual([]);
  });

  it('leaves the items of a stale and of an equal order alone', async () => {
    await fixture.write([order(1, 2), order(2, 2)], { observedAtMs: LATER });
    const before = await readWrittenTuples(fixture.test, 'tb_order_item');
    expect(await fixture.write([order(1, 5), order(2, 2)])).toEqual({ ...NOTHING, stale: 1, unchanged: 1 });
    expect(await readWrittenTuples(fixture.test, 'tb_order_item')).toEqual(before);
  });

  it('takes over items whose order is gone', async () => {
    await fixture.write([order(1, 3), order(2, 1)]);
    await fixture.test.query(`delete from mallsync.tb_order where order_id = '20250302-0000001'`);
    expect(await fixture.write([order(1, 1), order(2, 1)], { observedAtMs: LATER })).toEqual({
      ...NOTHING,
      inserted: 1,
      unchanged: 1,
    });
    expect(await readItems()).toEqual(['20250302-0000001-01 N20 1 1', '20250302-0000002-01 N20 1 1']);
  });

  it('refuses an order for its item, and writes the others with theirs', async () => {
    await fixture.test.query('alter table mallsync.tb_order_item add constraint not_none check (quantity > 0)');
    const id = '20250302-0000002';
    const page = [order(1, 2), order(2, 2, { items: [item(id, 1), item(id, 2, { quantity: 0 })] }), order(3, 1)];
    const result = await fixture.write(page);
    await fixture.test.query('alter table mallsync.tb_order_item drop constraint not_none');
    expect(result).toMatchObject({ inserted: 2 });
    expect(result.refused.map(({ row, where }) => [row.key, where])).toEqual([[`1|${id}`, 'not_none']]);
    expect(await readItems()).toHaveLength(3);
  });

  it('empties the personal columns of an erased person’s order at the next reading', async () => {
    await fixture.write([order(1, 1)]);
    const erasing = await createDatasetFixture('ORDER', { isErased: (memberId) => memberId === 'demo_member_0001' });
    await erasing.write([order(1, 1)]);
    expect(
      await erasing.test.query(
        'select member_id, member_email, billing_name, payment_amount::text from mallsync.tb_order',
      ),
    ).toEqual([{ member_id: null, member_email: null, billing_name: null, payment_amount: '43000.00' }]);
  });
});
