import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { loadCoverageCalendar } from '../../../src/adapters/postgres/read-models/coverage-calendar.ts';
import { DAY_MS, toSeoulDay } from '../../../src/domain/seoul-time.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addCoverage, addInstance, addMall, addRun, seoul, seoulMs } from '../../page/read-models/ledger-rows.ts';
import { familyOf, scrapeFleet } from './fleet-series.ts';

const testDatabase = await createTestDatabase();
let database: Database;

/** The 31 days before it begin with 12 February. */
const NOW_MS = seoulMs('2026-03-15T08:00');
const LONG_AGO = { created_at: seoul('2025-01-01'), domain_types: ['MEMBER'] };

beforeAll(async () => {
  database = await testDatabase.open({ poolSize: 3 });
});

beforeEach(async () => {
  await testDatabase.query(
    'truncate mallsync.tb_mall_config, mallsync.tb_batch_job_instance, mallsync.tb_coverage cascade',
  );
});

async function scrapeMalls(nowMs = NOW_MS): Promise<Readonly<Record<string, number>>> {
  return familyOf(await scrapeFleet(database, nowMs), 'mall_missing_nights');
}

const notRead = (mallId: number, domain = 'MEMBER'): string =>
  `{mall_id="${mallId}",domain="${domain}",reason="NotRead"}`;

describe('a mall', () => {
  it('that lacks nothing has no series', async () => {
    await addMall(testDatabase, 1, LONG_AGO);
    await addCoverage(testDatabase, 1, 'MEMBER', [['2026-02-12', '2026-03-15']]);
    const series = await scrapeFleet(database, NOW_MS);
    expect(familyOf(series, 'mall_missing_nights')).toEqual({});
    expect(series.get('mallsync_missing_nights{domain="MEMBER"}')).toBe(0);
  });

  it('lacks a day of which a part is missing, and two holes in one day make it one', async () => {
    await addMall(testDatabase, 1, LONG_AGO);
    await addCoverage(testDatabase, 1, 'MEMBER', [
      ['2026-01-01', '2026-03-01T09:00'],
      ['2026-03-01T10:00', '2026-03-01T23:00'],
      ['2026-03-03T12:00', '2026-03-15T05:00'],
    ]);
    expect(await scrapeMalls()).toEqual({ [notRead(1)]: 3 });
  });

  it('lacks all days of the window where it was never read', async () => {
    await addMall(testDatabase, 1, LONG_AGO);
    expect(await scrapeMalls()).toEqual({ [notRead(1)]: 31 });
  });

  it('is counted from the day on which it was added', async () => {
    await addMall(testDatabase, 1, { ...LONG_AGO, created_at: seoul('2026-03-12T17:00') });
    expect(await scrapeMalls()).toEqual({ [notRead(1)]: 3 });
  });

  it('is counted from its first covered day where that lies before', async () => {
    await addMall(testDatabase, 1, { ...LONG_AGO, created_at: seoul('2026-03-12T17:00') });
    await addCoverage(testDatabase, 1, 'MEMBER', [
      ['2026-03-08', '2026-03-09'],
      ['2026-03-12', '2026-03-15'],
    ]);
    expect(await scrapeMalls()).toEqual({ [notRead(1)]: 3 });
  });

  it('that came today lacks nothing yet', async () => {
    await addMall(testDatabase, 1, { ...LONG_AGO, created_at: seoul('2026-03-15T01:00') });
    expect(await scrapeMalls()).toEqual({});
  });

  it('that is switched off lacks nothing', async () => {
    await addMall(testDatabase, 1, { ...LONG_AGO, active: false });
    const series = await scrapeFleet(database, NOW_MS);
    expect(familyOf(series, 'mall_missing_nights')).toEqual({});
    expect(familyOf(series, 'missing_nights')).toEqual({});
  });

  it('lacks yesterday only once the deadline of its night has passed', async () => {
    await addMall(testDatabase, 1, LONG_AGO);
    await addCoverage(testDatabase, 1, 'MEMBER', [['2026-01-01', '2026-03-14']]);
    expect(await scrapeMalls(seoulMs('2026-03-15T06:59'))).toEqual({});
    expect(await scrapeMalls(seoulMs('2026-03-15T07:00'))).toEqual({ [notRead(1)]: 1 });
  });
});

describe('the reason', () => {
  async function addNight(status: string, values: Record<string, unknown> = {}): Promise<void> {
    const instanceId = await addInstance(testDatabase, { mallId: 1, days: ['2026-03-14', '2026-03-15'] });
    await addRun(testDatabase, instanceId, { status, ...values });
  }

  async function readReasons(): Promise<readonly string[]> {
    return Object.keys(await scrapeMalls()).map((labels) => /reason="(\w+)"/.exec(labels)?.[1] ?? '');
  }

  beforeEach(async () => {
    await addMall(testDatabase, 1, LONG_AGO);
  });

  it('is what the newest run failed for', async () => {
    const instanceId = await addInstance(testDatabase, { mallId: 1, days: ['2026-03-14', '2026-03-15'] });
    await addRun(testDatabase, instanceId, { status: 'FAILED', failure_reason: 'UpstreamUnavailable' });
    await addRun(testDatabase, instanceId, { status: 'FAILED', failure_reason: 'AuthFailed' });
    expect(await readReasons()).toEqual(['AuthFailed']);
    await addRun(testDatabase, instanceId, { status: 'STOPPED', failure_reason: 'Stopped' });
    expect(await readReasons()).toEqual(['Stopped']);
  });

  it('is not of another domain type, and not of a replay, which reads nothing', async () => {
    await addNight('FAILED', { failure_reason: 'QuotaExceeded' });
    const other = await addInstance(testDatabase, {
      mallId: 1,
      domainType: 'ORDER',
      days: ['2026-03-14', '2026-03-15'],
    });
    await addRun(testDatabase, other, { status: 'FAILED', failure_reason: 'Bug' });
    const replayed = await addInstance(testDatabase, { mallId: 1, days: ['2026-01-01', '2026-01-02'] });
    await addRun(testDatabase, replayed, { status: 'COMPLETED', mode: 'REPLAY' });
    expect(await readReasons()).toEqual(['QuotaExceeded']);
  });

  it.each(['COMPLETED', 'RUNNING', 'WAITING'])('is NotRead where the newest run is %s', async (status) => {
    await addNight(status);
    expect(await readReasons()).toEqual(['NotRead']);
  });

  it('is Lost where its process went without a word', async () => {
    await addNight('ABANDONED');
    expect(await readReasons()).toEqual(['Lost']);
  });
});

describe('many malls', () => {
  it('are all counted, the 100 that lack most are named, and none where malls have no series', async () => {
    await testDatabase.query(`
      insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name, domain_types, created_at)
      select n, 'shop-' || n, 'Mall ' || n, '{ORDER}', timestamptz '2025-01-01' from generate_series(1, 150) n`);
    await testDatabase.query(
      `insert into mallsync.tb_coverage (mall_id, domain_type, covered)
       select n, 'ORDER', tstzmultirange(tstzrange('2025-01-01', timestamptz '2026-03-15 00:00+09'
         - case when n > 120 then interval '2 days' else interval '1 day' end)) from generate_series(1, 150) n`,
    );
    const series = await scrapeFleet(database, NOW_MS);
    expect(series.get('mallsync_missing_nights{domain="ORDER"}')).toBe(120 + 30 * 2);
    const named = familyOf(series, 'mall_missing_nights');
    expect(Object.keys(named)).toHaveLength(100);
    expect(named).toMatchObject({ [notRead(121, 'ORDER')]: 2, [notRead(150, 'ORDER')]: 2, [notRead(70, 'ORDER')]: 1 });
    const without = await scrapeFleet(database, NOW_MS, { mallMetrics: false });
    expect(without.get('mallsync_missing_nights{domain="ORDER"}')).toBe(180);
    expect(familyOf(without, 'mall_missing_nights')).toEqual({});
  });

  /** A small generator, so that a failure can be seen again. */
  function createRandom(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state % below;
    };
  }

  it('lack what the calendar of the page calls missing or partial', async () => {
    const random = createRandom(7);
    const hour = (days: number): string =>
      new Date(seoulMs('2026-02-05') + days * DAY_MS + random(3) * 8 * 3_600_000 + 9 * 3_600_000)
        .toISOString()
        .slice(0, 16);
    for (let mallId = 1; mallId <= 60; mallId += 1) {
      await addMall(testDatabase, mallId, { ...LONG_AGO, created_at: seoul(hour(random(38))) });
      const covered: [string, string][] = [];
      for (let day = random(12); day < 37; day += 1 + random(5)) {
        const from = hour(day);
        day += 1 + random(7);
        covered.push([from, hour(day)]);
      }
      if (mallId % 7 > 0) await addCoverage(testDatabase, mallId, 'MEMBER', covered);
    }
    const found = await scrapeMalls();
    const first = toSeoulDay(NOW_MS - 31 * DAY_MS);
    for (let mallId = 1; mallId <= 60; mallId += 1) {
      const days = await Promise.all(
        ['2026-02', '2026-03'].map(async (month) => {
          const calendar = await loadCoverageCalendar(database.pool, mallId, 'MEMBER', month, NOW_MS);
          return calendar?.days ?? [];
        }),
      );
      const lacking = days.flat().filter(({ day, state }) => day >= first && /missing|partial/.test(state));
      expect([mallId, found[notRead(mallId)] ?? 0]).toEqual([mallId, lacking.length]);
    }
    expect(Object.values(found).filter((value) => value > 3).length).toBeGreaterThan(20);
  });
});
