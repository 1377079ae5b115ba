import { describe, expect, it } from 'vitest';
import { asRejected, asRow, createMapper, fieldsOf } from '../../test/support/dataset-mapping.ts';
import { aMember, anHour, anItem, anOrder, type ApiRow } from '../../test/support/dataset-rows.ts';
import type { PiiMode } from '../domain/personal-data.ts';
import { memberMapping } from './member/member-mapper.ts';
import { memberTable } from './member/member-table.ts';
import { orderItemTable } from './order/order-item-table.ts';
import { orderMapping } from './order/order-mapper.ts';
import { orderTable } from './order/order-table.ts';
import { loadRowHash } from './row-hash.ts';
import { salesMapping } from './sales/sales-mapper.ts';
import { salesTable } from './sales/sales-table.ts';

function mapMember(changes: ApiRow = {}, pii: PiiMode = 'full'): Record<string, string | null> {
  return fieldsOf(memberTable, asRow(createMapper(memberMapping, pii).map(aMember(changes), null)).payload.row);
}

describe('a member', () => {
  it('is mapped as the API names its fields', () => {
    const row = asRow(createMapper(memberMapping).map(aMember(), null));
    expect(row.key).toBe('1|demo_member_0001');
    expect(fieldsOf(memberTable, row.payload.row)).toMatchObject({
      shop_no: '1',
      member_id: 'demo_member_0001',
      cellphone: '010-0000-0001',
      name_english: '',
      wedding_anniversary: null,
      birthday: '1990-02-30',
      solar_calendar: 'f',
      total_points: '1500.00',
      zipcode: '01234',
      created_date: '2025-03-02T10:15:30+09:00',
      last_login_date: null,
      nick_name: '👒모자',
      sns_list: '{"KAKAO(2024-01-02 03:04:05)"}',
      available_credits: null,
      extra: null,
    });
  });

  it('never stores where refunds go, whatever the API calls it', () => {
    const row = mapMember({ refund_bank_new_field: 'secret', additional_information: [{ refund_bank_code: '04' }] });
    expect(JSON.stringify(row)).not.toMatch(/refund_bank|110-123-456|Holder|secret/);
    expect(row['additional_information']).toBe('[{}]');
  });

  it('keeps unknown fields in extra, and its hash does not depend on them', () => {
    const mapper = createMapper(memberMapping);
    const plain = asRow(mapper.map(aMember(), null));
    const extended = asRow(mapper.map(aMember({ loyalty: { tier: 3 } }), null));
    expect(fieldsOf(memberTable, extended.payload.row)['extra']).toBe('{"loyalty":{"tier":3}}');
    expect(extended.payload.row.hasExtra).toBe(true);
    expect(extended.contentHash).toBe(plain.contentHash);
  });

  it('does not depend on the order of the properties', () => {
    const reversed = Object.fromEntries(Object.entries(aMember()).toReversed());
    const mapper = createMapper(memberMapping);
    expect(asRow(mapper.map(reversed, null)).payload.row.line).toEqual(
      asRow(mapper.map(aMember(), null)).payload.row.line,
    );
  });

  it('has another hash as soon as one column differs', () => {
    const mapper = createMapper(memberMapping);
    const hashes = [{}, { name: '' }, { name: null }, { phone: 'x' }, { used_points: '0.01' }].map(
      (changes) => asRow(mapper.map(aMember(changes), null)).contentHash,
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('is dropped, though seen, when the person is erased', () => {
    const outcome = createMapper(memberMapping, 'full', ['demo_member_0001']).map(aMember(), null);
    expect(outcome).toEqual({ kind: 'filtered', key: '1|demo_member_0001' });
  });
});

describe('personal columns', () => {
  it('are masked, the key and what is not personal are kept', () => {
    expect(mapMember({ unknown: 'x' }, 'masked')).toMatchObject({
      member_id: 'demo_member_0001',
      name: 'S***',
      name_english: '',
      email: 'd***',
      nick_name: '***',
      gender: '***',
      sns_list: '{"K***"}',
      total_points: '1500.00',
      created_date: '2025-03-02T10:15:30+09:00',
      extra: '{}',
    });
  });

  it('are left out, the key and what is not personal are kept', () => {
    const row = mapMember({ unknown: 'x' }, 'none');
    expect(row).toMatchObject({
      member_id: 'demo_member_0001',
      total_points: '1500.00',
      member_type: 'p',
      extra: '{}',
    });
    const personal = memberTable.columns.filter((column) => column.dataClass === 'personal');
    expect(personal.map(({ name }) => row[name])).toEqual(personal.map(() => null));
    expect(personal.length).toBeGreaterThan(20);
  });
});

describe('an order', () => {
  it('is mapped with flattened amounts, and its items beside it', () => {
    const items = [anItem({ order_item_code: '20250302-0000017-02', quantity: '3' }), anItem()];
    const { key, payload } = asRow(createMapper(orderMapping).map(anOrder({ items }), null));
    expect(key).toBe('1|20250302-0000017');
    expect(fieldsOf(orderTable, payload.row)).toMatchObject({
      order_id: '20250302-0000017',
      currency: 'KRW',
      initial_total_amount_due: '43000.00',
      actual_total_amount_due: '0.00',
      initial_set_product_discount_amount: null,
      total_supply_price: '27000',
      naver_point: '0',
      payment_method: '{"card"}',
      paid: 'T',
      canceled: 'M',
      first_order: 't',
      shipping_fee_detail: '[{"shipping_group_code":1,"supplier_code":"S0000000"}]',
      extra: null,
    });
    const stored = payload.children.map((child) => fieldsOf(orderItemTable, child));
    expect(stored).toMatchObject([
      { order_id: '20250302-0000017', order_item_code: '20250302-0000017-01', quantity: '2', payment_amount: null },
      { order_id: '20250302-0000017', order_item_code: '20250302-0000017-02', quantity: '3' },
    ]);
    expect(stored[0]).toMatchObject({
      ordered_date: '2025-03-02 11:21:35+09:00',
      extra: '{"product_material":"porcelain"}',
    });
  });

  it('changes with its items, but not with their order', () => {
    const mapper = createMapper(orderMapping);
    const second = anItem({ order_item_code: '20250302-0000017-02' });
    const hashOf = (items: readonly ApiRow[]): bigint => asRow(mapper.map(anOrder({ items }), null)).contentHash;
    expect(hashOf([second, anItem()])).toBe(hashOf([anItem(), second]));
    expect(hashOf([anItem()])).not.toBe(hashOf([anItem(), second]));
    expect(hashOf([anItem({ product_material: 'glass' })])).not.toBe(hashOf([anItem()]));
  });

  it('keeps unknown amounts in extra', () => {
    const initial = { ...(anOrder()['initial_order_amount'] as ApiRow), tip: '1.00' };
    const { payload } = asRow(createMapper(orderMapping).map(anOrder({ initial_order_amount: initial }), null));
    expect(fieldsOf(orderTable, payload.row)['extra']).toBe('{"initial_order_amount.tip":"1.00"}');
  });

  it('stores nothing of buyer and receivers, should they come along', () => {
    const { payload } = asRow(createMapper(orderMapping).map(anOrder({ buyer: { name: 'B' }, receivers: [] }), null));
    expect(fieldsOf(orderTable, payload.row)['extra']).toBeNull();
  });

  it('of an erased person is kept without what leads to the person', () => {
    const { payload } = asRow(
      createMapper(orderMapping, 'full', ['demo_member_0001']).map(anOrder({ note: 'x' }), null),
    );
    expect(fieldsOf(orderTable, payload.row)).toMatchObject({
      order_id: '20250302-0000017',
      payment_amount: '43000.00',
      member_id: null,
      member_email: null,
      billing_name: null,
      bank_account_no: null,
      extra: '{}',
    });
  });

  it.each([
    [{ items: undefined }, 'WRONG_TYPE', 'items'],
    [{ items: [7] }, 'WRONG_TYPE', 'items'],
    [{ items: [anItem({ order_item_code: '' })] }, 'MISSING_KEY', 'items.order_item_code'],
    [{ items: [anItem({ product_price: '1,5' })] }, 'BAD_NUMBER', 'items.product_price'],
    [{ actual_order_amount: '43000' }, 'WRONG_TYPE', 'actual_order_amount'],
    [{ actual_order_amount: { tax: 'x' } }, 'BAD_NUMBER', 'actual_order_amount.tax'],
  ])('with %j is rejected as %s of %s', (changes, reasonCode, field) => {
    expect(asRejected(createMapper(orderMapping).map(anOrder(changes), null))).toMatchObject({
      key: '1|20250302-0000017',
      reasonCode,
      field,
    });
  });
});

describe('an hour of sales', () => {
  it('names the statistics as its source unless the row says otherwise', () => {
    const mapper = createMapper(salesMapping);
    const sourceOf = (row: ApiRow): unknown => fieldsOf(salesTable, asRow(mapper.map(row, null)).payload.row)['source'];
    expect([sourceOf(anHour()), sourceOf(anHour({ mallsync_source: 'orders' }))]).toEqual(['hourlysales', 'orders']);
    expect(asRow(mapper.map(anHour(), null))).toMatchObject({ key: '1|2025-03-02|9' });
  });

  it('belongs to the window in which it begins', () => {
    const fromMs = Date.parse('2025-03-02T08:30:00+09:00');
    const window = { shopNo: 1, dateType: 'collection_date', fromMs, untilMs: fromMs + 3_600_000 };
    const kinds = ['08', '09', 10].map(
      (hour) => createMapper(salesMapping).map(anHour({ collection_hour: hour }), window).kind,
    );
    expect(kinds).toEqual(['filtered', 'row', 'filtered']);
  });
});

describe('hashKey', () => {
  it('stays what it is: stored hashes outlive a release', async () => {
    const hash = await loadRowHash();
    expect(createMapper(memberMapping).hashKey('1|demo_member_0001')).toBe(hash.hashText('1|demo_member_0001'));
    expect(hash.hashText('1|demo_member_0001')).toMatchInlineSnapshot(`2984555029569971198n`);
  });
});
