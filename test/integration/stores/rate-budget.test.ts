import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RateBudget } from '../../../src/domain/rate-budget.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createRateBudget } from '../../../src/adapters/postgres/rate-budget.ts';
import { createTestDatabase } from '../../support/database.ts';

const MEMBERS = { endpoint: 'customersprivacy', size: 40, leakPerSecond: 2 };
const ORDERS = { endpoint: 'orders', size: 40, leakPerSecond: 2 };
/** Leaks so slowly that the seconds which a busy machine takes for a test make no difference. */
const SLOW = { endpoint: 'customersprivacy', size: 40, leakPerSecond: 0.02 };
const MALL_BURST = 2;
const MALL_PER_SECOND = 6;

const testDatabase = await createTestDatabase();
let database: Database;
let budget: RateBudget;
let mallId = 0;

beforeAll(async () => {
  database = await testDatabase.open();
  budget = createRateBudget({ pool: database.pool });
});

beforeEach(() => {
  mallId += 1;
});

const take = (wanted = 1, bucket = MEMBERS, isBackfill = false) =>
  budget.takePermits(mallId, bucket, wanted, isBackfill);

let passedMs = 0;

/** Lets time pass for the mall's rows, as a clock that jumps ahead would. */
async function pass(milliseconds: number): Promise<void> {
  passedMs += milliseconds;
  await testDatabase.query(
    `update mallsync.tb_rate_budget set updated_at = updated_at - make_interval(secs => $1),
      blocked_until = blocked_until - make_interval(secs => $1) where mall_id = $2`,
    [milliseconds / 1000, mallId],
  );
}

/** Milliseconds of the time that the mall's rows know: what has passed and what was let pass. */
function now(): number {
  return performance.now() + passedMs;
}

/** Fills the endpoint's bucket up to what the budget keeps back, with the mall's own row empty. */
async function fill(bucket: typeof MEMBERS): Promise<void> {
  await take(1, bucket);
  await testDatabase.query(
    `update mallsync.tb_rate_budget set updated_at = clock_timestamp(), level = case endpoint when $2 then $3 else 0 end
     where mall_id = $1 and endpoint in ('*', $2)`,
    [mallId, bucket.endpoint, bucket.size - 1],
  );
}

async function levelOf(endpoint: string): Promise<number> {
  const [row] = await testDatabase.query(
    'select level from mallsync.tb_rate_budget where mall_id = $1 and endpoint = $2',
    [mallId, endpoint],
  );
  return Number(row?.['level']);
}

describe('rate budget', () => {
  it('grants the mall’s burst at once and then names the wait for one call', async () => {
    const startMs = now();
    expect(await take(2)).toEqual({ granted: MALL_BURST, waitMs: 0, isQuota: false });
    const permits = await take(10);
    expect(permits.granted).toBeLessThanOrEqual(((now() - startMs) / 1000) * MALL_PER_SECOND);
    expect(permits.isQuota).toBe(false);
    expect(permits.waitMs).toBeGreaterThan(0);
    expect(permits.waitMs).toBeLessThanOrEqual(Math.ceil(1000 / MALL_PER_SECOND));
    await pass(permits.waitMs);
    expect((await take(1)).granted).toBe(1);
  });

  it('holds the whole mall to its ceiling over all endpoints', async () => {
    const startMs = now();
    let granted = 0;
    for (let round = 0; round < 40; round += 1) {
      granted += (await take(4, MEMBERS)).granted + (await take(4, ORDERS)).granted;
      await pass(50);
    }
    const ceiling = MALL_BURST + ((now() - startMs) / 1000) * MALL_PER_SECOND;
    expect(granted).toBeLessThanOrEqual(ceiling);
    expect(granted).toBeGreaterThanOrEqual(ceiling - 2);
  });

  it('keeps malls and endpoints apart', async () => {
    await fill(SLOW);
    expect((await take(1, SLOW)).granted).toBe(0);
    expect((await take(1, ORDERS)).granted).toBe(1);
    mallId += 1;
    expect((await take(1, SLOW)).granted).toBe(1);
  });

  it('waits for the leak once the bucket is full', async () => {
    await fill(SLOW);
    const { granted, waitMs } = await take(1, SLOW);
    expect(granted).toBe(0);
    expect(waitMs).toBeGreaterThan(40_000);
    expect(waitMs).toBeLessThanOrEqual(50_000);
    await pass(waitMs);
    expect((await take(5, SLOW)).granted).toBe(1);
  });

  it('grants nothing twice when many processes ask at once', async () => {
    const rivals = await Promise.all(
      Array.from({ length: 8 }, async () => createRateBudget({ pool: (await testDatabase.open()).pool })),
    );
    const startMs = now();
    await fill(MEMBERS);
    const granted = { members: 0, orders: 0 };
    for (let round = 0; round < 20; round += 1) {
      await pass(500);
      const [members, orders] = await Promise.all([
        Promise.all(rivals.slice(0, 4).map((rival) => rival.takePermits(mallId, MEMBERS, 1, false))),
        Promise.all(rivals.slice(4).map((rival) => rival.takePermits(mallId, ORDERS, 1, false))),
      ]);
      for (const permits of members) granted.members += permits.granted;
      for (const permits of orders) granted.orders += permits.granted;
    }
    const seconds = (now() - startMs) / 1000;
    expect(granted.members).toBeLessThanOrEqual(seconds * MEMBERS.leakPerSecond);
    expect(granted.members + granted.orders).toBeLessThanOrEqual(MALL_BURST + seconds * MALL_PER_SECOND);
    expect(granted.members + granted.orders).toBeGreaterThanOrEqual(20 * MALL_BURST);
  });

  it('agrees on the first call of a mall that no process has seen', async () => {
    const rivals = await Promise.all(
      Array.from({ length: 8 }, async () => createRateBudget({ pool: (await testDatabase.open()).pool })),
    );
    const permits = await Promise.all(rivals.map((rival) => rival.takePermits(mallId, MEMBERS, 4, false)));
    expect(permits.reduce((sum, permit) => sum + permit.granted, 0)).toBe(MALL_BURST);
  });

  it('gives a bucket of one call at a time', async () => {
    const single = { ...SLOW, endpoint: 'financials/dailysales', size: 1 };
    expect((await take(3, single)).granted).toBe(1);
    await pass(40_000);
    expect((await take(1, single)).granted).toBe(0);
    await pass(10_000);
    expect((await take(1, single)).granted).toBe(1);
  });

  it('never overfills a bucket that the API counts, and leaves no room unused', { timeout: 60_000 }, async () => {
    const step = fc.record({ passMs: fc.oneof(fc.nat(300), fc.nat(4_000)), wanted: fc.integer({ min: 1, max: 6 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
        mallId += 1;
        const api = createModelBucket(MEMBERS.leakPerSecond);
        const mall = createModelBucket(MALL_PER_SECOND);
        for (const { passMs, wanted } of steps) {
          await pass(passMs);
          const room = Math.min(MEMBERS.size - 1 - api.levelAt(now()), MALL_BURST - mall.levelAt(now()));
          const { granted } = await take(wanted);
          expect(granted).toBeGreaterThanOrEqual(Math.min(wanted, Math.floor(room)));
          mall.add(now(), granted);
          expect(api.add(now(), granted)).toBeLessThanOrEqual(MEMBERS.size);
        }
      }),
      { numRuns: 25 },
    );
  });
});

/** A leaky bucket as the fact sheet describes it, which counts a call when it arrives. */
function createModelBucket(leakPerSecond: number) {
  let level = 0;
  let atMs = 0;
  const levelAt = (nowMs: number): number => Math.max(0, level - ((nowMs - atMs) / 1000) * leakPerSecond);
  return {
    levelAt,
    add(nowMs: number, calls: number): number {
      level = levelAt(nowMs) + calls;
      atMs = nowMs;
      return level;
    },
  };
}

describe('what the API reports', () => {
  it('raises the level by calls that others made', async () => {
    await take(2, SLOW);
    await budget.reportUsage(mallId, SLOW, { used: 39, size: 40, ageMs: 0 });
    expect(await levelOf(SLOW.endpoint)).toBeCloseTo(39, 5);
    expect((await take(1, SLOW)).granted).toBe(0);
  });

  it('takes a report at its age, so that an old one does not count our own calls twice', async () => {
    await fill(SLOW);
    await pass(90_000);
    await budget.reportUsage(mallId, SLOW, { used: 39, size: 40, ageMs: 90_000 });
    expect((await take(1, SLOW)).granted).toBe(1);
  });

  it('takes a report of unknown age for a second old', async () => {
    await take(1, MEMBERS);
    await budget.reportUsage(mallId, MEMBERS, { used: 40, size: 40 });
    expect(await levelOf(MEMBERS.endpoint)).toBeCloseTo(38, 5);
  });

  it('never lowers the level, for calls under way are not in the report yet', async () => {
    await fill(SLOW);
    await budget.reportUsage(mallId, SLOW, { used: 3, size: 40 });
    expect(await levelOf(SLOW.endpoint)).toBe(39);
  });

  it('takes a smaller bucket for one with so many calls in use', async () => {
    await take(1, SLOW);
    await budget.reportUsage(mallId, SLOW, { used: 9, size: 10, ageMs: 0 });
    expect((await take(10, SLOW)).granted).toBe(0);
    await pass(50_000);
    expect((await take(10, SLOW)).granted).toBe(1);
  });

  it('keeps the usage last seen', async () => {
    await take(1);
    await budget.reportUsage(mallId, MEMBERS, { callUsagePercent: 81.25, timeUsagePercent: 12 });
    await budget.reportUsage(mallId, MEMBERS, { timeUsagePercent: 15 });
    const rows = await testDatabase.query(
      `select call_usage_percent, time_usage_percent from mallsync.tb_rate_budget where mall_id = $1 and endpoint <> '*'`,
      [mallId],
    );
    expect(rows).toEqual([{ call_usage_percent: 81.25, time_usage_percent: 15 }]);
  });
});

describe('blocks', () => {
  it('stops one endpoint, and lets the longer block stand', async () => {
    await budget.block(mallId, MEMBERS.endpoint, 500_000);
    await budget.block(mallId, MEMBERS.endpoint, 1_000);
    const permits = await take();
    expect(permits).toMatchObject({ granted: 0, isQuota: false });
    expect(permits.waitMs).toBeGreaterThan(400_000);
    expect((await take(1, ORDERS)).granted).toBe(1);
    await pass(500_000);
    expect((await take()).granted).toBe(1);
  });

  it('stops the whole mall for a spent quota', async () => {
    await budget.block(mallId, '*', 600_000);
    for (const bucket of [MEMBERS, ORDERS]) {
      const permits = await take(1, bucket);
      expect(permits).toMatchObject({ granted: 0, isQuota: true });
      expect(permits.waitMs).toBeGreaterThan(590_000);
    }
    await pass(600_000);
    expect((await take()).granted).toBe(1);
  });

  it('does not believe in a block for weeks', async () => {
    await budget.block(mallId, '*', 10_000_000_000);
    expect((await take()).waitMs).toBeLessThanOrEqual(24 * 3_600_000);
  });
});

describe('back-fills', () => {
  async function startExecution(trigger: string, status: string, lease: string | null): Promise<void> {
    const [row] = await testDatabase.query(
      `insert into mallsync.tb_batch_job_instance (mall_id, domain_type, period, start_date, end_date)
       values ($1, 'ORDER', tstzrange('2025-12-01', '2025-12-02'), '2025-12-01T00:00:00', '2025-12-02T00:00:00')
       on conflict (mall_id, domain_type, period) do update set reading = 1 returning instance_id`,
      [mallId],
    );
    await testDatabase.query(
      `insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
         attempt_count, reading, status, trigger, installation_id, lease_until)
       values ($1, $2, 'ORDER', '', '', 1000, (select count(*) + 1 from mallsync.tb_batch_execution_summary), 1, $3, $4, 'i',
         now() + $5::interval)`,
      [row?.['instance_id'], mallId, status, trigger, lease],
    );
  }

  it.each(['NIGHTLY', 'RERUN'])('yield to a live %s run of the mall, which itself goes on', async (trigger) => {
    await startExecution(trigger, 'RUNNING', '30 seconds');
    const permits = await take(1, MEMBERS, true);
    expect(permits).toMatchObject({ granted: 0, isQuota: false });
    expect(permits.waitMs).toBeGreaterThanOrEqual(1_000);
    expect((await take(1, MEMBERS, false)).granted).toBe(1);
  });

  it.each([
    ['COMPLETED', 'NIGHTLY', '30 seconds'],
    ['RUNNING', 'MANUAL', '30 seconds'],
    ['RUNNING', 'BACKFILL', '30 seconds'],
    ['RUNNING', 'NIGHTLY', '-1 second'],
    ['REQUESTED', 'NIGHTLY', null],
  ])('go on beside a %s %s run whose lease lasts %s', async (status, trigger, lease) => {
    await startExecution(trigger, status, lease);
    expect((await take(1, MEMBERS, true)).granted).toBe(1);
  });
});
