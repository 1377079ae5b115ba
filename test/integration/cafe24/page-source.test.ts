import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parsePeriod } from '../../../src/domain/period.ts';
import { createPageSource } from '../../../src/adapters/cafe24/page-source.ts';
import type { PageSourceDependencies } from '../../../src/adapters/cafe24/page-source.ts';
import type { SimulatedMall } from '../../../src/simulator/mall.ts';
import { createTestSimulator, NEVER } from '../../support/cafe24-mall.ts';
import type { SimulatedApi, TestSimulator } from '../../support/cafe24-mall.ts';
import { toCallCounts } from '../../support/cafe24-memory.ts';
import { HOURLY_SALES, MEMBERS, ORDERS } from '../../support/cafe24-resources.ts';

const PERIOD = parsePeriod('2025-12-01T00:00:00', '2025-12-02T00:00:00');
const DAY = { ...PERIOD, shopNo: 1, dateType: 'join' };

let test: TestSimulator;
beforeAll(async () => {
  test = await createTestSimulator();
});

function open(mall: Partial<SimulatedMall> = {}, change: Partial<PageSourceDependencies> = {}) {
  const api: SimulatedApi = test.openApi({ behaviour: { rateLimit: false }, ...mall });
  const source = createPageSource({ client: api.client, mall: { shopNos: [1] }, resource: MEMBERS, ...change });
  return { api, source };
}

const rowSchema = z.looseObject({ shop_no: z.number(), member_id: z.string() });
const toKey = (row: unknown): string => {
  const { shop_no, member_id } = rowSchema.parse(row);
  return `${shop_no}|${member_id}`;
};

describe('windows', () => {
  it('are made for every shop the mall has, closed ones too, when the mall names none', async () => {
    const shops = [{ shopNo: 1 }, { shopNo: 2, currency: 'USD' as const }, { shopNo: 4, active: false }];
    const { api, source } = open({ shops }, { mall: { shopNos: null } });
    const windows = await source.listWindows(PERIOD, NEVER);
    expect(windows.map((window) => window.shopNo)).toEqual([1, 2, 4]);
    expect(toCallCounts(api.meter.drain())).toMatchObject({ 'shops 200': 1 });
  });

  it('are made for the shops the mall names, without asking', async () => {
    const { api, source } = open({}, { mall: { shopNos: [3] } });
    expect(await source.listWindows(PERIOD, NEVER)).toEqual([{ ...DAY, ...PERIOD, shopNo: 3 }].map(toBounds));
    expect(toCallCounts(api.meter.drain())).toEqual({});
  });
});

function toBounds({ fromMs, untilMs, shopNo, dateType }: typeof DAY) {
  return { fromMs, untilMs, shopNo, dateType };
}

describe('pages', () => {
  it('hold together what the count says and what the mall has', async () => {
    const { api, source } = open({ membersPerDay: 250 });
    const truth = await test.simulator.control.readTruth(api.id, {
      domainType: 'MEMBER',
      startDate: PERIOD.startDate,
      endDate: PERIOD.endDate,
    });
    const pages = await Promise.all([0, 100, 200, 300].map((offset) => source.fetchPage(DAY, offset, 100, NEVER)));
    expect(pages.map((page) => page.rows.length)).toEqual([100, 100, 50, 0]);
    expect(new Set(pages.flatMap((page) => page.rows.map(toKey))).size).toBe(truth.count);
    expect(await source.countRows(DAY, NEVER)).toBe(truth.count);
  });

  it('carry the time of the answer, by the clock of the API', async () => {
    const { source } = open();
    const page = await source.fetchPage(DAY, 0, 1, NEVER);
    expect(page.observedAtMs % 1_000).toBe(0);
    expect(Math.abs(page.observedAtMs - Date.now())).toBeLessThan(5_000);
    expect(page.bytes).toBeGreaterThan(100);
  });

  it('hold the fields asked for; the first of a run and one now and then hold all', async () => {
    const { source } = open({}, { wholePageEvery: 3 });
    const widths: number[] = [];
    for (let n = 0; n < 5; n++) {
      const page = await source.fetchPage(DAY, 0, 1, NEVER);
      widths.push(Object.keys(rowSchema.parse(page.rows[0])).length);
    }
    expect(widths).toEqual([widths[0], 3, 3, widths[0], 3]);
    expect(widths[0]).toBeGreaterThan(30);
  });

  it('are never asked for with more rows than the API gives', async () => {
    const { source } = open({ membersPerDay: 1_500 });
    expect((await source.fetchPage(DAY, 0, 5_000, NEVER)).rows).toHaveLength(1_000);
  });

  it('of an endpoint without a count are counted as unknown', async () => {
    const { source } = open({}, { resource: HOURLY_SALES });
    expect(await source.countRows(DAY, NEVER)).toBeNull();
    expect((await source.fetchPage(DAY, 0, 100, NEVER)).rows).toHaveLength(24);
    expect(source.fetchByKeys).toBeNull();
  });
});

describe('rows by key', () => {
  it('come from their shops, as many calls as the API takes keys, without those that are gone', async () => {
    const { api, source } = open({ shops: [{ shopNo: 1 }, { shopNo: 2 }], membersPerDay: 200 });
    const first = await source.fetchPage(DAY, 0, 25, NEVER);
    const second = await source.fetchPage({ ...DAY, shopNo: 2 }, 0, 5, NEVER);
    const keys = [...first.rows, ...second.rows].map(toKey);
    api.meter.drain();
    const found = await source.fetchByKeys?.(['1|nobody_at_all', ...keys], NEVER);
    expect(found?.rows.map(toKey).sort()).toEqual(keys.sort());
    expect(toCallCounts(api.meter.drain())).toEqual({ 'customersprivacy 200': 3 });
    expect(found?.observedAtMs).toBeGreaterThanOrEqual(first.observedAtMs);
  });

  it('come in full where the API gives ten rows unless told otherwise', async () => {
    const { source } = open({}, { resource: ORDERS });
    const page = await source.fetchPage({ ...DAY, dateType: 'order_date' }, 0, 25, NEVER);
    const keys = page.rows.map((row) => `1|${z.looseObject({ order_id: z.string() }).parse(row).order_id}`);
    expect((await source.fetchByKeys?.(keys, NEVER))?.rows).toHaveLength(25);
  });

  it('without a shop are refused as a bug', async () => {
    const { source } = open();
    await expect(source.fetchByKeys?.(['nobody'], NEVER)).rejects.toMatchObject({ reason: 'Bug' });
  });
});
