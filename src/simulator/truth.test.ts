import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { openTestApp, type TestApp } from './test-app.ts';

const PERIOD = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-02T23:59:59' };

function toChecksum(texts: readonly string[]): string {
  const digests = texts.map((text) => createHash('md5').update(text).digest('hex').slice(0, 15));
  return digests.reduce((sum, digits) => sum + BigInt(`0x${digits}`), 0n).toString();
}

function toEpoch(value: unknown): number {
  return Date.parse(String(value)) / 1000;
}

async function openTwoShops(): Promise<TestApp> {
  return openTestApp({ membersPerDay: 400, ordersPerDay: 300, shops: [{ shopNo: 1 }, { shopNo: 2, currency: 'USD' }] });
}

it('sums members by the documented recipe', async () => {
  await using app = await openTwoShops();
  const query = 'start_date=2025-12-01&end_date=2025-12-02&limit=1000';
  const rows = (
    await Promise.all([1, 2].map((shop) => app.getRows(`customersprivacy?${query}&shop_no=${shop}`)))
  ).flat();
  const texts = rows.map((row) =>
    [row['shop_no'], row['member_id'], row['email'], row['total_points'], toEpoch(row['created_date'])].join('|'),
  );
  const truth = await app.control.readTruth('alpha', { domainType: 'MEMBER', ...PERIOD });
  expect(truth).toMatchObject({ count: 800, checksum: toChecksum(texts), poison: [], repeats: [] });
  expect(truth.byShop.map(({ shopNo }) => shopNo)).toEqual([1, 2]);
});

it('sums orders and sales by the documented recipe', async () => {
  await using app = await openTwoShops();
  const query = 'start_date=2025-12-01&end_date=2025-12-02&limit=1000&shop_no=2';
  const orders = await app.getRows(`orders?${query}&embed=items`);
  const orderTexts = orders.map((row) => {
    const items = row['items'] as unknown[];
    return [2, row['order_id'], row['payment_amount'], toEpoch(row['order_date']), items.length].join('|');
  });
  const orderTruth = await app.control.readTruth('alpha', { domainType: 'ORDER', ...PERIOD, shopNos: [2] });
  expect([orderTruth.count, orderTruth.checksum]).toEqual([orders.length, toChecksum(orderTexts)]);
  const hours = await app.getRows(`reports/hourlysales?${query}`);
  const hourTexts = hours.map((row) => [2, row['collection_date'], row['collection_hour'], row['sales']].join('|'));
  const salesTruth = await app.control.readTruth('alpha', { domainType: 'SALES', ...PERIOD, shopNos: [2] });
  expect([salesTruth.count, salesTruth.checksum]).toEqual([48, toChecksum(hourTexts)]);
});

it('takes an end at midnight and the second before it as one period', async () => {
  await using app = await openTwoShops();
  const ask = (endDate: string) =>
    app.control.readTruth('alpha', { domainType: 'MEMBER', startDate: PERIOD.startDate, endDate });
  app.control.editRows('alpha', { op: 'add', domainType: 'MEMBER', at: '2025-12-03T00:00:00' });
  expect(await ask('2025-12-03T00:00:00')).toEqual(await ask('2025-12-02T23:59:59'));
});

it('joins the rows of several date types, each once', async () => {
  await using app = await openTwoShops();
  const ask = (dateTypes: string[]) => app.control.readTruth('alpha', { domainType: 'ORDER', ...PERIOD, dateTypes });
  const [ordered, paid, both] = [
    await ask(['order_date']),
    await ask(['pay_date']),
    await ask(['order_date', 'pay_date']),
  ];
  expect(both.count).toBeGreaterThan(ordered.count);
  expect(both.count).toBeLessThan(ordered.count + paid.count);
});

it('holds all shops, closed ones too, unless some are named', async () => {
  await using app = await openTestApp({ membersPerDay: 100, shops: [{ shopNo: 1 }, { shopNo: 2, active: false }] });
  const ask = (shopNos?: number[]) => app.control.readTruth('alpha', { domainType: 'MEMBER', ...PERIOD, shopNos });
  expect((await ask()).byShop.map(({ shopNo }) => shopNo)).toEqual([1, 2]);
  expect((await ask([2])).byShop.map(({ shopNo }) => shopNo)).toEqual([2]);
});

it('is the same for the same seed, mall and day, and another for another mall', async () => {
  const ask = async (cafe24MallId: string): Promise<string> => {
    await using app = await openTestApp({ cafe24MallId, membersPerDay: 100 });
    return (await app.control.readTruth(cafe24MallId, { domainType: 'MEMBER', ...PERIOD })).checksum;
  };
  expect(await ask('alpha')).toBe(await ask('alpha'));
  expect(await ask('alpha')).not.toBe(await ask('beta'));
});
