import { beforeAll, describe, expect, it } from 'vitest';
import { CATALOG, createMapper } from '../../../src/datasets/catalog.ts';
import type { DomainType } from '../../../src/domain/domain-type.ts';
import type { Mall } from '../../../src/domain/mall.ts';
import { parsePeriod } from '../../../src/domain/period.ts';
import type { PageSource } from '../../../src/engine/page-source.ts';
import type { SimulatedMall } from '../../../src/simulator/mall.ts';
import { createTestSimulator, NEVER, type SimulatedApi, type TestSimulator } from '../../support/cafe24-mall.ts';
import type { ApiRow } from '../../support/dataset-rows.ts';

const DAY = parsePeriod('2025-12-01T00:00:00', '2025-12-02T00:00:00');

interface Reading {
  readonly rows: readonly ApiRow[];
  readonly keys: readonly string[];
}

/** Every row of the period that the mapper keeps, as the API gave it, and its key. */
async function read(source: PageSource, domainType: DomainType, period = DAY, limit = 100): Promise<Reading> {
  const mapper = await createMapper(CATALOG[domainType], { pii: 'full', isErased: () => false });
  const rows: ApiRow[] = [];
  const keys: string[] = [];
  for (const window of await source.listWindows(period, NEVER)) {
    for (let offset = 0; ;) {
      const page = await source.fetchPage(window, offset, limit, NEVER);
      if (page.rows.length === 0) break;
      offset += page.rows.length;
      for (const raw of page.rows) {
        const outcome = mapper.map(raw, window);
        if (outcome.kind === 'rejected') throw new Error(outcome.rejected.message);
        if (outcome.kind !== 'row') continue;
        rows.push(raw as ApiRow);
        keys.push(outcome.row.key);
      }
    }
  }
  return { rows, keys };
}

describe('the sources of the datasets', () => {
  let world: TestSimulator;
  beforeAll(async () => {
    world = await createTestSimulator();
  });
  const open = (mall: Partial<SimulatedMall> = {}): SimulatedApi =>
    world.openApi({ membersPerDay: 150, ordersPerDay: 120, behaviour: { rateLimit: false }, ...mall });
  const sourceOf = (api: SimulatedApi, domainType: DomainType, settings: Mall['settings'] = {}): PageSource => {
    const mall = {
      mallId: 1,
      cafe24MallId: api.id,
      name: '',
      active: true,
      shopNos: null,
      domainTypes: [],
      labels: {},
      settings,
    };
    return CATALOG[domainType].createSource(api.client, mall);
  };
  const countTruth = async (api: SimulatedApi, domainType: DomainType): Promise<number> => {
    const query = new URLSearchParams({ domainType, startDate: DAY.startDate, endDate: DAY.endDate });
    const answer = await fetch(`${world.simulator.url}/_simulator/malls/${api.id}/truth?${query.toString()}`);
    return ((await answer.json()) as { count: number }).count;
  };
  const endpointsOf = (api: SimulatedApi): readonly string[] => [
    ...new Set(api.meter.drain().calls.map((call) => `${call.endpoint} ${call.code}`)),
  ];

  it.each<DomainType>(['MEMBER', 'ORDER', 'SALES'])('read every %s row of every shop once', async (domainType) => {
    const api = open({ shops: [{ shopNo: 1 }, { shopNo: 2, currency: 'USD', timezone: 'America/Los_Angeles' }] });
    const { keys } = await read(sourceOf(api, domainType), domainType);
    expect(keys).toHaveLength(await countTruth(api, domainType));
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(keys.map((key) => key.split('|')[0]))).toEqual(new Set(['1', '2']));
  });

  it('ask for the stored fields only, and still get the items of orders', async () => {
    const api = open();
    const source = sourceOf(api, 'ORDER');
    const [window] = await source.listWindows(DAY, NEVER);
    if (window === undefined) throw new Error('no window');
    const whole = await source.fetchPage(window, 0, 10, NEVER);
    const chosen = await source.fetchPage(window, 0, 10, NEVER);
    expect(chosen.rows).toEqual(whole.rows);
    expect((chosen.rows[0] as ApiRow)['items']).not.toEqual([]);
    expect(await source.countRows(window, NEVER)).toBe(await countTruth(api, 'ORDER'));
  });

  it.each<['MEMBER' | 'ORDER', string]>([
    ['MEMBER', 'member_id'],
    ['ORDER', 'order_id'],
  ])('find %s rows by key, more than one call takes', async (domainType, property) => {
    const source = sourceOf(open(), domainType);
    const { keys } = await read(source, domainType);
    const wanted = keys.slice(0, 105);
    const found = await source.fetchByKeys?.([...wanted, '1|nobody'], NEVER);
    expect(found?.rows.map((row) => `1|${String((row as ApiRow)[property])}`).sort()).toEqual([...wanted].sort());
  });

  it('read orders by further dates when the mall says so, each order in the window of its date', async () => {
    const api = open();
    const source = sourceOf(api, 'ORDER', { orderDateTypes: ['order_date', 'pay_date'] });
    const windows = await source.listWindows(DAY, NEVER);
    expect(windows.map((window) => window.dateType)).toEqual(['order_date', 'pay_date']);
    const { rows } = await read(sourceOf(api, 'ORDER', { orderDateTypes: ['pay_date'] }), 'ORDER');
    const days = new Set(rows.map((row) => String(row['payment_date']).slice(0, 10)));
    expect([rows.length > 0, days]).toEqual([true, new Set(['2025-12-01'])]);
  });

  it('refuse settings that name no date type', () => {
    expect(() => sourceOf(open(), 'MEMBER', { memberDateTypes: ['birth'] })).toThrow(/memberDateTypes/);
  });

  it('ask the statistics for whole days and keep the hours of the period', async () => {
    const period = parsePeriod('2025-12-01T10:00:00', '2025-12-01T11:59:59');
    const { keys } = await read(sourceOf(open(), 'SALES'), 'SALES', period);
    expect([...keys].sort()).toEqual(['1|2025-12-01|10', '1|2025-12-01|11']);
  });

  it('add sales up from orders where the statistics are not approved, and say so', async () => {
    const api = open({ ordersPerDay: 400 });
    const approved = await read(sourceOf(api, 'SALES'), 'SALES');
    world.simulator.control.changeBehaviour(api.id, { statisticsApproved: false });
    api.meter.drain();
    const { rows } = await read(sourceOf(api, 'SALES'), 'SALES', DAY, 7);
    const byHour = (a: ApiRow, b: ApiRow): number => Number(a['collection_hour']) - Number(b['collection_hour']);
    const expected = approved.rows.toSorted(byHour);
    expect(rows.toSorted(byHour)).toEqual(
      expected.map((row) => {
        const { used_naver_points: _1, used_naver_cash: _2, ...known } = row;
        const figures = Object.entries(known).filter(
          ([name]) => !name.startsWith('refund_') || name === 'refund_amount',
        );
        return { ...Object.fromEntries(figures), mallsync_source: 'orders' };
      }),
    );
    const calls = api.meter.drain().calls.filter((call) => call.endpoint === 'reports/hourlysales');
    expect(calls).toEqual([{ endpoint: 'reports/hourlysales', code: '403', count: 1 }]);
  });

  it('do not take another refusal for one that orders can mend', async () => {
    const api = open({ scopes: ['mall.read_store', 'mall.read_order'] });
    const source = sourceOf(api, 'SALES');
    await expect(source.listWindows(DAY, NEVER)).rejects.toMatchObject({ reason: 'PermissionDenied' });
  });

  it('keep to the source that the mall has chosen', async () => {
    const api = open();
    const { rows } = await read(sourceOf(api, 'SALES', { salesSource: 'orders' }), 'SALES');
    expect(rows).toHaveLength(24);
    expect(endpointsOf(api).join(' ')).not.toContain('hourlysales');
    const closed = open({ behaviour: { rateLimit: false, statisticsApproved: false } });
    const insists = sourceOf(closed, 'SALES', { salesSource: 'hourlysales' });
    await expect(read(insists, 'SALES')).rejects.toMatchObject({ reason: 'PermissionDenied' });
  });
});
