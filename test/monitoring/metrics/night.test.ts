import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { loadNightPicture } from '../../../src/adapters/postgres/read-models/night-picture.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addInstance, addMall, addRun, seoulMs } from '../../page/read-models/ledger-rows.ts';
import { familyOf, scrapeFleet } from './fleet-series.ts';

const testDatabase = await createTestDatabase();
let database: Database;

/** The day that the night reads. */
const DAYS: readonly [string, string] = ['2026-03-30', '2026-03-31'];
const BEFORE_DEADLINE_MS = seoulMs('2026-03-31T06:59');
const DEADLINE_MS = seoulMs('2026-03-31T07:00');

beforeAll(async () => {
  database = await testDatabase.open({ poolSize: 2 });
});

beforeEach(async () => {
  await testDatabase.query(
    'truncate mallsync.tb_mall_config, mallsync.tb_batch_job_instance, mallsync.tb_batch_execution_summary cascade',
  );
});

async function addNight(mallId: number, domainType: string, values: Record<string, unknown> = {}): Promise<void> {
  await addRun(testDatabase, await addInstance(testDatabase, { mallId, domainType, days: DAYS }), values);
}

const failed = (failure_reason: string) => ({ status: 'FAILED', failure_reason, failure_message: 'it did' });

/** Malls 1 and 9 are done, 2 done with rejects, 3 failed twice over, 4 was stopped, 5 runs, 6 waits, 7 was not even asked for. */
async function addTroubledNight(): Promise<void> {
  for (const mallId of [1, 2, 3, 4, 5, 6, 7, 9]) {
    await addMall(testDatabase, mallId, { domain_types: mallId === 3 ? ['MEMBER', 'ORDER'] : ['MEMBER'] });
  }
  await addMall(testDatabase, 8, { active: false });
  for (const mallId of [1, 9]) await addNight(mallId, 'MEMBER');
  await addNight(2, 'MEMBER', { status: 'COMPLETED_WITH_REJECTS' });
  await addNight(3, 'MEMBER', failed('AuthFailed'));
  await addNight(3, 'ORDER', failed('IncompleteRead'));
  await addNight(4, 'MEMBER', { status: 'STOPPED', failure_reason: 'Stopped' });
  await addNight(5, 'MEMBER', { status: 'RUNNING' });
  await addNight(6, 'MEMBER', { status: 'WAITING' });
  await addNight(8, 'MEMBER', failed('Bug'));
}

it('tells how the malls of the last night stand, once each', async () => {
  await addTroubledNight();
  const series = await scrapeFleet(database, BEFORE_DEADLINE_MS);
  expect(familyOf(series, 'night_malls')).toEqual({
    '{state="done"}': 3,
    '{state="failed"}': 2,
    '{state="running"}': 1,
    '{state="waiting"}': 2,
  });
  expect(familyOf(series, 'night_runs')).toEqual({
    '{domain="MEMBER",state="done"}': 2,
    '{domain="MEMBER",state="done_with_rejects"}': 1,
    '{domain="MEMBER",state="failed"}': 1,
    '{domain="MEMBER",state="stopped"}': 1,
    '{domain="MEMBER",state="running"}': 1,
    '{domain="MEMBER",state="waiting"}': 2,
    '{domain="ORDER",state="failed"}': 1,
  });
  expect(familyOf(series, 'night_failed_malls')).toEqual({
    '{reason="AuthFailed"}': 1,
    '{reason="IncompleteRead"}': 1,
    '{reason="Stopped"}': 1,
  });
});

it('says what the page says', async () => {
  await addTroubledNight();
  const { malls } = await loadNightPicture(database.pool, { nowMs: DEADLINE_MS, deadline: '07:00' });
  const series = await scrapeFleet(database, DEADLINE_MS);
  const { total, late, ...states } = malls;
  expect(familyOf(series, 'night_malls')).toEqual(
    Object.fromEntries(Object.entries(states).map(([state, value]) => [`{state="${state}"}`, value])),
  );
  expect(Object.values(familyOf(series, 'night_malls')).reduce((sum, value) => sum + value, 0)).toBe(total);
  expect(series.get('mallsync_night_late_malls')).toBe(late);
});

it('is late with what is not done once its deadline has passed', async () => {
  await addTroubledNight();
  expect((await scrapeFleet(database, BEFORE_DEADLINE_MS)).get('mallsync_night_late_malls')).toBe(0);
  expect((await scrapeFleet(database, DEADLINE_MS)).get('mallsync_night_late_malls')).toBe(3);
  const sooner = await scrapeFleet(database, BEFORE_DEADLINE_MS, { nightDeadline: '05:30' });
  expect(sooner.get('mallsync_night_late_malls')).toBe(3);
  expect(sooner.get('mallsync_night_end_timestamp_seconds')).toBe(seoulMs('2026-03-31') / 1_000);
  expect(sooner.get('mallsync_night_deadline_timestamp_seconds')).toBe(seoulMs('2026-03-31T05:30') / 1_000);
});

it('has zeros for a fleet without a mall', async () => {
  const series = await scrapeFleet(database, DEADLINE_MS);
  expect(familyOf(series, 'night_malls')).toEqual({});
  expect(series.get('mallsync_night_malls{state="failed"}')).toBe(0);
  expect(series.get('mallsync_night_failed_malls{reason="AuthFailed"}')).toBe(0);
  expect(series.get('mallsync_night_late_malls')).toBe(0);
});
