import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from './test-app.ts';

const DAY = 'start_date=2025-12-01&end_date=2025-12-01';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({
    ordersPerDay: 900,
    shops: [
      { shopNo: 1, share: 2 },
      { shopNo: 2, share: 1, currency: 'USD', timezone: 'America/Los_Angeles' },
    ],
  });
});
afterAll(() => app[Symbol.asyncDispose]());

interface Item {
  readonly order_item_code: string;
  readonly ordered_date: string;
}

describe('the list of orders', () => {
  it('gives each order of a day once, newest first, as many as the count says', async () => {
    const pages = [0, 250, 500].map((offset) => app.getRows(`orders?${DAY}&limit=250&offset=${offset}`));
    const rows = (await Promise.all(pages)).flat();
    const { body } = await app.get(`orders/count?${DAY}`);
    expect(body).toEqual({ count: 600 });
    expect(new Set(rows.map((row) => row['order_id'])).size).toBe(600);
    const dates = rows.map((row) => String(row['order_date']));
    expect(dates).toEqual(dates.toSorted().toReversed());
    expect(rows.every((row) => /^20251201-\d{7}$/.test(String(row['order_id'])))).toBe(true);
  });

  it('embeds items on demand, dated without an offset', async () => {
    const [bare] = await app.getRows(`orders?${DAY}&limit=1`);
    expect(bare).not.toHaveProperty('items');
    const rows = await app.getRows(`orders?${DAY}&limit=100&embed=items,buyer`);
    for (const row of rows) {
      const [item] = row['items'] as Item[];
      expect(item?.order_item_code).toBe(`${String(row['order_id'])}-01`);
      expect(item?.ordered_date).toBe(String(row['order_date']).slice(0, 19).replace('T', ' '));
      expect(row).toHaveProperty('buyer.cellphone');
    }
  });

  it('gives rows from copied bytes that equal the rows built one by one', async () => {
    const listed = await app.getRows(`orders?${DAY}&limit=1000&embed=items&shop_no=2`);
    const built: unknown[] = [];
    const period = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-02T00:00:00' };
    for await (const row of app.control.readRows('alpha', { domainType: 'ORDER', ...period, shopNos: [2] }))
      built.push(row);
    expect(listed).toHaveLength(300);
    expect(listed).toEqual(built.toReversed());
  });

  it('holds guests, unpaid, cancelled, partly cancelled and returned orders, and amounts that add up', async () => {
    const rows = await app.getRows(`orders?${DAY}&limit=1000&embed=items`);
    const has = (name: string, value: unknown): boolean => rows.some((row) => row[name] === value);
    expect([has('member_id', null), has('paid', 'F'), has('payment_date', null)]).toEqual([true, true, true]);
    expect([has('canceled', 'T'), has('canceled', 'M'), has('canceled', 'F')]).toEqual([true, true, true]);
    for (const row of rows) {
      const initial = row['initial_order_amount'] as Record<string, string>;
      const actual = row['actual_order_amount'] as Record<string, string>;
      const part = (name: string): number => Number(initial[name]);
      const rebates = part('coupon_discount_price') + part('points_spent_amount') + part('membership_discount_amount');
      expect(part('order_price_amount') + part('shipping_fee') - rebates).toBeCloseTo(part('payment_amount'), 2);
      expect(row['payment_amount']).toBe(actual['payment_amount']);
      expect(Number(actual['payment_amount'])).toBeLessThanOrEqual(part('payment_amount'));
    }
  });

  it('keeps the currency of each shop', async () => {
    const [won] = await app.getRows(`orders?${DAY}&limit=1`);
    const [dollar] = await app.getRows(`orders?${DAY}&limit=1&shop_no=2`);
    expect([won?.['currency'], dollar?.['currency']]).toEqual(['KRW', 'USD']);
  });

  it.each([
    ['pay_date', 'payment_date'],
    ['cancel_complete_date', 'cancel_date'],
    ['return_complete_date', 'return_confirmed_date'],
  ])('looks orders up by %s', async (dateType, field) => {
    const query = `date_type=${dateType}&start_date=2025-12-02T03:00:00%2B09:00&end_date=2025-12-02T20:59:59%2B09:00`;
    const rows = await app.getRows(`orders?${query}&limit=1000`);
    expect(rows.length).toBeGreaterThan(0);
    const dates = rows.map((row) => String(row[field]));
    expect(dates.every((date) => date >= '2025-12-02T03:00:00' && date <= '2025-12-02T20:59:59+09:00')).toBe(true);
    expect((await app.get(`orders/count?${query}`)).body).toEqual({ count: rows.length });
  });

  it('finds orders by id and shows the details of one', async () => {
    const rows = await app.getRows(`orders?${DAY}&limit=3`);
    const ids = rows.map((row) => String(row['order_id']));
    expect(await app.getRows(`orders?order_id=${ids.join(',')}`)).toEqual(rows);
    const { body } = await app.get(`orders/${ids[0]}?embed=items`);
    expect(body?.['order']).toMatchObject({ ...rows[0], items: [{ item_no: 1 }] });
    expect((await app.get('orders/20251201-9999999')).status).toBe(404);
  });
});

describe('the next link of orders', () => {
  it('stands while rows remain', async () => {
    const { body } = await app.get(`orders?${DAY}&limit=400`);
    const href = `${app.url}/alpha/api/v2/admin/orders?limit=400&offset=400`;
    expect(body?.['links']).toEqual([{ rel: 'next', href }]);
    expect((await app.get(`orders?${DAY}&limit=400&offset=400`)).body?.['links']).toEqual([]);
  });

  it('carries the filters, or is missing, as the mall is set', async () => {
    app.control.changeBehaviour('alpha', { nextLinks: 'with-filters' });
    const filtered = await app.get(`orders?${DAY}&limit=400`);
    expect(JSON.stringify(filtered.body?.['links'])).toContain('start_date=2025-12-01');
    app.control.changeBehaviour('alpha', { nextLinks: 'none' });
    expect((await app.get(`orders?${DAY}&limit=400`)).body?.['links']).toEqual([]);
  });
});

describe('a bad list of orders', () => {
  it.each([
    ['limit=1001', 'limit'],
    ['offset=15001', 'offset'],
    ['start_date=2025-01-01&end_date=2025-04-01', 'end_date'],
    ['start_date=2025-01-01&end_date=2025-04-01T00:00:00', 'end_date'],
    ['embed=secrets', 'embed'],
    ['date_type=join', 'date_type'],
  ])('is refused: %s', async (query, parameter) => {
    const { status, body } = await app.get(`orders?${query}`);
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toContain(`(parameter.${parameter})`);
  });

  it('may span almost three months', async () => {
    expect((await app.get('orders/count?start_date=2025-01-01&end_date=2025-03-31')).body).toEqual({ count: 54_000 });
  });
});
