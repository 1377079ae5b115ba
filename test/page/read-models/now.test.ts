import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createRateBudget } from '../../../src/adapters/postgres/rate-budget.ts';
import { loadNowBoard } from '../../../src/adapters/postgres/read-models/now-board.ts';
import { createRetryRequests } from '../../../src/adapters/postgres/retry-request.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addBudget, addInstance, addMall, addMallSync, addRun, addWindow, seoul, seoulMs } from './ledger-rows.ts';

const testDatabase = await createTestDatabase();
let database: Database;

beforeAll(async () => {
  database = await testDatabase.open({ poolSize: 3 });
  for (const mallId of [1, 2, 3, 4]) await addMall(testDatabase, mallId);
});

beforeEach(async () => {
  await testDatabase.query(
    `truncate mallsync.tb_batch_job_instance, mallsync.tb_batch_execution_summary, mallsync.tb_batch_window,
       mallsync.tb_rate_budget, mallsync.tb_mallsync cascade`,
  );
});

const loadBoard = async () => await loadNowBoard(database.pool);

async function addLive(mallId: number, values: Record<string, unknown> = {}, day = 14): Promise<number> {
  const days = [`2026-03-${day}`, `2026-03-${day + 1}`] as const;
  return await addRun(testDatabase, await addInstance(testDatabase, { mallId, days }), {
    status: 'REQUESTED',
    ...values,
  });
}

describe('what runs now', () => {
  it('is shown with its progress, and what has ended is not', async () => {
    const instanceId = await addInstance(testDatabase, { mallId: 2, days: ['2026-03-14', '2026-03-15'] });
    await addRun(testDatabase, instanceId, { status: 'FAILED', read: 40 });
    const executionId = await addRun(testDatabase, instanceId, {
      status: 'WAITING',
      trigger: 'RERUN',
      mallsync_name: 'rerun-1',
      started_at: seoul('2026-03-15T02:00'),
      lease_until: 'infinity',
      read: 60,
      api_calls: 7,
      wait_ms: 900,
      pages: 3,
      last_reason: 'UpstreamUnavailable',
    });
    await testDatabase.query(
      `update mallsync.tb_batch_execution_summary set lease_until = now() + interval '20 seconds' where execution_id = $1`,
      [executionId],
    );
    await addWindow(testDatabase, instanceId, 1, { state: 'COMPLETE', count_before: 40, rows_seen: 40 });
    await addWindow(testDatabase, instanceId, 2, { state: 'INCOMPLETE', count_before: 20, rows_seen: 19 });
    await addWindow(testDatabase, instanceId, 3, { state: 'OPEN', count_before: 100, rows_seen: 41 });
    await addWindow(testDatabase, instanceId, 4, { reading: 2, state: 'OPEN', count_before: 5_000 });
    const board = await loadBoard();
    expect(board).toMatchObject({ runningTotal: 1, waiting: [], waitingTotal: 0 });
    expect(board.running).toEqual([
      {
        executionId,
        mallId: 2,
        mallName: 'Mall 2',
        cafe24MallId: 'shop-2',
        domainType: 'MEMBER',
        startDate: '2026-03-14T00:00:00',
        endDate: '2026-03-15T00:00:00',
        status: 'WAITING',
        trigger: 'RERUN',
        attemptCount: 2,
        mallSyncName: 'rerun-1',
        startedAtMs: seoulMs('2026-03-15T02:00'),
        read: 60,
        apiCalls: 7,
        waitMs: 900,
        pages: 3,
        leaseEndsInMs: expect.any(Number),
        windowsDone: 2,
        windowsTotal: 3,
        rowsSeen: 100,
        expectedRows: 160,
        lastReason: 'UpstreamUnavailable',
      },
    ]);
    const leaseMs = board.running[0]?.leaseEndsInMs ?? 0;
    expect(leaseMs > 0 && leaseMs <= 20_000).toBe(true);
  });

  it('has no expected rows while a window is not counted, or none is planned', async () => {
    const counted = await addInstance(testDatabase, { mallId: 1, days: ['2026-03-14', '2026-03-15'] });
    await addRun(testDatabase, counted, { status: 'RUNNING', started_at: seoul('2026-03-15') });
    await addWindow(testDatabase, counted, 1, { state: 'COMPLETE', count_before: 40 });
    await addWindow(testDatabase, counted, 2);
    await addLive(2, { status: 'RUNNING' });
    expect((await loadBoard()).running).toMatchObject([
      { expectedRows: null, windowsTotal: 2, windowsDone: 1 },
      { expectedRows: null, windowsTotal: 0, windowsDone: 0, leaseEndsInMs: null },
    ]);
  });

  it('holds what is launched and not yet claimed, after what was claimed, oldest first', async () => {
    const launched = await addLive(1, { launched_at: 'now' });
    const younger = await addLive(2, { status: 'RUNNING', started_at: seoul('2026-03-15T03:00') });
    const older = await addLive(3, { status: 'RUNNING', started_at: seoul('2026-03-15T02:00') });
    const waiting = await addLive(4);
    const board = await loadBoard();
    expect(board.running.map(({ executionId }) => executionId)).toEqual([older, younger, launched]);
    expect(board.running.at(-1)).toMatchObject({ status: 'REQUESTED', startedAtMs: null });
    expect(board.waiting.map(({ executionId }) => executionId)).toEqual([waiting]);
  });

  it('shows a lease that is over as 0', async () => {
    await addLive(1, { status: 'RUNNING', lease_until: seoul('2026-03-15') });
    expect((await loadBoard()).running).toMatchObject([{ leaseEndsInMs: 0 }]);
  });

  it('shows a run of a mall that is no longer known', async () => {
    await addLive(77, { status: 'RUNNING' });
    await addLive(78);
    const board = await loadBoard();
    expect(board.running).toMatchObject([{ mallId: 77, mallName: '' }]);
    expect(board.waiting).toMatchObject([{ mallId: 78, mallName: '' }]);
  });
});

describe('what waits', () => {
  it('stands in the order in which it will begin', async () => {
    await addMallSync(testDatabase, 'night', {
      name: 'nightly-member-20260314',
      created_at: seoul('2026-03-15T02:00'),
    });
    await addMallSync(testDatabase, 'other', { name: 'nightly-order-20260314', created_at: seoul('2026-03-15T01:00') });
    await addMallSync(testDatabase, 'again', { name: 'rerun-5', created_at: seoul('2026-03-15T09:00') });
    const night = { mallsync_uid: 'night', mallsync_name: 'nightly-member-20260314' };
    const other = { mallsync_uid: 'other', mallsync_name: 'nightly-order-20260314' };
    const again = { mallsync_uid: 'again', mallsync_name: 'rerun-5', trigger: 'RERUN' };
    const nightIds = [await addLive(1, night), await addLive(2, night)];
    const otherIds = [await addLive(1, other, 13), await addLive(2, other, 13)];
    const againId = await addLive(3, { ...again, requested_at: seoul('2026-03-15T09:01') });
    const localId = await addLive(4, { installation_id: 'laptop', trigger: 'LOCAL' });
    const board = await loadBoard();
    expect(board.waiting.map(({ position, executionId }) => [position, executionId])).toEqual([
      [1, againId],
      [1, localId],
      [2, otherIds[0]],
      [3, nightIds[0]],
      [4, otherIds[1]],
      [5, nightIds[1]],
    ]);
    expect(board.waiting[0]).toEqual({
      position: 1,
      executionId: againId,
      mallId: 3,
      mallName: 'Mall 3',
      cafe24MallId: 'shop-3',
      domainType: 'MEMBER',
      startDate: '2026-03-14T00:00:00',
      endDate: '2026-03-15T00:00:00',
      trigger: 'RERUN',
      requestedAtMs: seoulMs('2026-03-15T09:01'),
      mallSyncName: 'rerun-5',
    });
    expect(board.waitingTotal).toBe(6);
  });

  it('lets a MallSync with Jobs wait for one with none', async () => {
    await addMallSync(testDatabase, 'older', { created_at: seoul('2026-03-15T01:00') });
    await addMallSync(testDatabase, 'idle', { created_at: seoul('2026-03-15T02:00') });
    const older = { mallsync_uid: 'older', mallsync_name: 'older' };
    await addLive(1, { ...older, launched_at: 'now' });
    const olderId = await addLive(2, older);
    const idleId = await addLive(3, { mallsync_uid: 'idle', mallsync_name: 'idle' });
    expect((await loadBoard()).waiting.map(({ executionId }) => executionId)).toEqual([idleId, olderId]);
  });
});

describe('budgets', () => {
  it('are those of malls that run: what is used now, and blocks in force', async () => {
    await addLive(1, { status: 'RUNNING' });
    await addLive(2);
    const budget = createRateBudget({ pool: database.pool });
    await budget.takePermits(1, { endpoint: 'orders', size: 40, leakPerSecond: 2 }, 1, false);
    await budget.takePermits(2, { endpoint: 'orders', size: 40, leakPerSecond: 2 }, 1, false);
    await budget.takePermits(1, { endpoint: 'oauth/token', size: 15, leakPerSecond: 15 / 7_200 }, 1, false);
    await budget.block(1, '*', 60_000);
    await addBudget(testDatabase, 1, 'shops', {
      level: 39,
      updated_at: seoul('2026-03-15'),
      blocked_until: seoul('2026-03-15'),
      call_usage_percent: 12.5,
      time_usage_percent: 3,
    });
    await testDatabase.query(`update mallsync.tb_rate_budget set level = 30, updated_at = now() - interval '2 seconds'
      where endpoint = 'orders'`);
    await addBudget(testDatabase, 1, 'customersprivacy', { level: 7.5, updated_at: 'tomorrow' });
    const { budgets } = await loadBoard();
    expect(budgets.map(({ mallId, mallName, endpoint, size }) => [mallId, mallName, endpoint, size])).toEqual([
      [1, 'Mall 1', '*', 2],
      [1, 'Mall 1', 'customersprivacy', 40],
      [1, 'Mall 1', 'orders', 40],
      [1, 'Mall 1', 'shops', 40],
    ]);
    expect(budgets[0]?.blockedUntilMs).toBeGreaterThan(Date.now());
    // what was noted ahead of the clock has not leaked yet
    expect(budgets[1]).toMatchObject({ level: 7.5, blockedUntilMs: null });
    expect(budgets[2]?.level).toBeLessThanOrEqual(26);
    expect(budgets[3]).toMatchObject({ level: 0, blockedUntilMs: null, callUsagePercent: 12.5, timeUsagePercent: 3 });
  });
});

describe('requests that are not done', () => {
  it('are counted', async () => {
    const requests = createRetryRequests({ pool: database.pool });
    const wish = {
      kind: 'RESUME',
      domainType: 'MEMBER',
      startDate: '2026-03-14T00:00:00',
      endDate: '2026-03-15T00:00:00',
      pageSize: 1000,
      fingerprints: null,
      mallIds: [1],
      requestedBy: 'kim',
      reason: '',
    } as const;
    for (const key of ['a', 'b', 'c', 'd']) await requests.create(key, wish);
    const taken = await requests.takePending();
    await requests.takePending();
    await requests.finish(taken?.requestId ?? 0);
    expect((await loadBoard()).requests).toEqual({ pending: 2, accepted: 1 });
  });
});
