import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestApp, type TestApp } from './test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp({ ordersPerDay: 800, shops: [{ shopNo: 1 }, { shopNo: 2 }] });
});
afterAll(() => app[Symbol.asyncDispose]());

const DAY = 'start_date=2025-12-01&end_date=2025-12-01';

it('gives 24 rows a shop-day, newest hour first', async () => {
  const rows = await app.getRows('reports/hourlysales?start_date=2025-12-01&end_date=2025-12-03&shop_no=2');
  expect(rows).toHaveLength(72);
  const hours = rows.map((row) => `${String(row['collection_date'])} ${String(row['collection_hour'])}`);
  expect(hours[0]).toBe('2025-12-03 23');
  expect(hours).toEqual(hours.toSorted().toReversed());
});

it('sums the orders paid in the hour, refunds dated back', async () => {
  const rows = await app.getRows(`reports/hourlysales?${DAY}`);
  const orders = await app.getRows(`orders?date_type=pay_date&${DAY}&limit=1000`);
  expect(orders.length).toBeGreaterThan(300);
  for (const row of rows) {
    const paid = orders.filter((order) => String(order['payment_date']).slice(11, 13) === row['collection_hour']);
    const sum = paid.reduce((total, order) => total + Number(order['payment_amount']), 0);
    expect(row['order_count']).toBe(paid.length);
    expect(row['sales']).toBe(sum.toFixed(2));
    expect(Number(row['actual_order_amount']) - Number(row['refund_amount'])).toBeCloseTo(sum, 2);
  }
});

it('follows a later change of an order', async () => {
  const [order] = await app.getRows(`orders?date_type=pay_date&${DAY}&limit=1`);
  const hour = String(order?.['payment_date']).slice(11, 13);
  const readSales = async (): Promise<number> => {
    const [row] = await app.getRows(`reports/hourlysales?${DAY}&collection_hour=${hour}`);
    return Number(row?.['sales']);
  };
  const before = await readSales();
  app.control.editRows('alpha', { op: 'change', domainType: 'ORDER', keys: [String(order?.['order_id'])] });
  expect(await readSales()).toBeCloseTo(before + 1, 2);
});

it('pages by limit and offset within their bounds', async () => {
  const range = 'start_date=2025-10-01&end_date=2025-11-30';
  expect(await app.getRows(`reports/hourlysales?${range}`)).toHaveLength(744);
  expect(await app.getRows(`reports/hourlysales?${range}&limit=1000&offset=1000`)).toHaveLength(464);
  expect((await app.get(`reports/hourlysales?${range}&limit=1001`)).status).toBe(422);
  expect((await app.get(`reports/hourlysales?${range}&offset=10001`)).status).toBe(422);
  expect((await app.get('reports/hourlysales')).status).toBe(422);
});

it('gives dailysales that sum the hours', async () => {
  const hours = await app.getRows(`reports/hourlysales?${DAY}`);
  const [daily] = await app.getRows(`financials/dailysales?${DAY}`);
  const paid = hours.reduce((sum, row) => sum + Number(row['actual_order_amount']), 0);
  expect(daily).toMatchObject({ shop_no: 1, date: '2025-12-01', payment_amount: paid.toFixed(2) });
});

it('is closed to an app that is not approved', async () => {
  app.control.changeBehaviour('alpha', { statisticsApproved: false });
  const { status, body } = await app.get(`reports/hourlysales?${DAY}`);
  expect([status, body]).toEqual([403, { error: { code: 403, message: 'Invalid API' } }]);
  expect((await app.get(`orders?${DAY}`)).status).toBe(200);
});
