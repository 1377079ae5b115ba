import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createRateBudget } from '../../../src/adapters/postgres/rate-budget.ts';
import { loadCandidates, type Candidate } from '../../../src/adapters/postgres/read-models/rerun-candidates.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addCredential, addInstance, addMall, addReject, addRun, addWindow } from './ledger-rows.ts';

const testDatabase = await createTestDatabase();
let database: Database;

const FRESH: Omit<Candidate, 'mallId' | 'mallName' | 'cafe24MallId'> = {
  active: true,
  takesDomain: true,
  credentialState: null,
  domainType: 'MEMBER',
  startDate: '2026-03-10T00:00:00',
  endDate: '2026-03-12T00:00:00',
  instanceId: null,
  pageSize: 1000,
  liveExecutionId: null,
  isComplete: false,
  openRejects: 0,
  lastExecutionId: null,
  lastStatus: null,
  lastReason: null,
  checkpoint: null,
  lastApiCalls: null,
  callsPerSecond: 2,
  blockedUntilMs: null,
};

beforeAll(async () => {
  database = await testDatabase.open({ poolSize: 2 });
  for (const mallId of [1, 2, 3]) await addMall(testDatabase, mallId);
  await addMall(testDatabase, 4, { active: false });
  await addMall(testDatabase, 5, { domain_types: ['SALES'] });
  await addCredential(testDatabase, 1, { state: 'NEEDS_CONSENT' });
});

let day = 0;

/** An instance of a day that no other test uses. */
async function addDay(mallId: number, domainType = 'MEMBER'): Promise<number> {
  day += 1;
  const format = (each: number) => new Date(Date.UTC(2025, 0, each)).toISOString().slice(0, 10);
  return await addInstance(testDatabase, { mallId, domainType, days: [format(day), format(day + 1)] });
}

async function loadOne(executionId: number): Promise<Candidate | undefined> {
  return (await loadCandidates(database.pool, { executionIds: [executionId] }))[0];
}

async function loadPeriod(mallIds: readonly number[] | 'active', changes: Record<string, string> = {}) {
  const { domainType, startDate, endDate } = FRESH;
  return await loadCandidates(database.pool, { domainType, startDate, endDate, ...changes, mallIds });
}

describe('candidates of a period', () => {
  it('are the malls named, active or not, and no unknown one', async () => {
    expect(await loadPeriod([5, 99, 4, 1])).toEqual([
      { ...FRESH, mallId: 1, mallName: 'Mall 1', cafe24MallId: 'shop-1', credentialState: 'NEEDS_CONSENT' },
      { ...FRESH, mallId: 4, mallName: 'Mall 4', cafe24MallId: 'shop-4', active: false },
      { ...FRESH, mallId: 5, mallName: 'Mall 5', cafe24MallId: 'shop-5', takesDomain: false },
    ]);
  });

  it('are all active malls that take the domain type', async () => {
    expect((await loadPeriod('active')).map(({ mallId }) => mallId)).toEqual([1, 2, 3]);
    const sales = await loadPeriod('active', { domainType: 'SALES' });
    expect(sales.map(({ mallId }) => mallId)).toEqual([1, 2, 3, 5]);
  });

  it('know what was asked for before, however the period is spelled', async () => {
    await addInstance(testDatabase, { mallId: 2, days: ['2026-03-19', '2026-03-22'] });
    const instanceId = await addInstance(testDatabase, { mallId: 2, days: ['2026-03-20', '2026-03-22'] });
    await addInstance(testDatabase, { mallId: 2, days: ['2026-03-20', '2026-03-23'] });
    const executionId = await addRun(testDatabase, instanceId, { page_size: 250 });
    const spelled = { startDate: '2026-03-20T00:00:00', endDate: '2026-03-21T23:59:59' };
    expect(await loadPeriod([2], spelled)).toMatchObject([
      {
        instanceId,
        pageSize: 250,
        isComplete: true,
        lastExecutionId: executionId,
        lastStatus: 'COMPLETED',
        ...spelled,
      },
    ]);
    expect(await loadPeriod([3], spelled)).toMatchObject([{ instanceId: null, pageSize: 1000, isComplete: false }]);
  });

  it('are refused with a malformed period', async () => {
    await expect(loadPeriod([1], { startDate: '2026-03-10' })).rejects.toMatchObject({ reason: 'ConfigInvalid' });
  });
});

describe('candidates of executions', () => {
  it('are one an instance, in order of domain type, period and mall', async () => {
    const days = ['2026-04-01', '2026-04-02'] as const;
    const later = await addInstance(testDatabase, { mallId: 1, days: ['2026-04-02', '2026-04-03'] });
    const order = await addInstance(testDatabase, { mallId: 1, domainType: 'ORDER', days });
    const second = await addInstance(testDatabase, { mallId: 2, days });
    const first = await addInstance(testDatabase, { mallId: 1, days });
    const ids: number[] = [];
    for (const instanceId of [order, later, second, first, first]) ids.push(await addRun(testDatabase, instanceId));
    const candidates = await loadCandidates(database.pool, { executionIds: [...ids, 999_999] });
    expect(candidates.map(({ instanceId }) => instanceId)).toEqual([first, second, later, order]);
    expect(await loadCandidates(database.pool, { executionIds: [] })).toEqual([]);
  });

  it('tell of the newest execution that was no replay, and of the live one', async () => {
    const instanceId = await addDay(1);
    await addRun(testDatabase, instanceId, { status: 'STOPPED' });
    const failedId = await addRun(testDatabase, instanceId, {
      status: 'FAILED',
      failure_reason: 'AuthFailed',
      last_reason: 'Lost',
      page_size: 100,
    });
    const replayId = await addRun(testDatabase, instanceId, { mode: 'REPLAY' });
    const told = { lastExecutionId: failedId, lastStatus: 'FAILED', lastReason: 'AuthFailed', pageSize: 100 };
    expect(await loadOne(replayId)).toMatchObject({ ...told, isComplete: false, liveExecutionId: null });
    const liveId = await addRun(testDatabase, instanceId, { status: 'REQUESTED' });
    expect(await loadOne(failedId)).toMatchObject({ liveExecutionId: liveId, lastStatus: 'REQUESTED' });
  });

  it('are complete once the present reading has been read to its end', async () => {
    const instanceId = await addDay(1);
    const executionId = await addRun(testDatabase, instanceId, { status: 'COMPLETED_WITH_REJECTS' });
    expect(await loadOne(executionId)).toMatchObject({ isComplete: true });
    await testDatabase.query('update mallsync.tb_batch_job_instance set reading = 2 where instance_id = $1', [
      instanceId,
    ]);
    expect(await loadOne(executionId)).toMatchObject({ isComplete: false });
  });

  it('count the rejected rows that a replay would take', async () => {
    const instanceId = await addInstance(testDatabase, { mallId: 3, days: ['2026-05-01', '2026-05-03'] });
    const executionId = await addRun(testDatabase, instanceId);
    const asked = { mallId: 3, days: ['2026-05-02', '2026-05-04'] } as const;
    await addReject(testDatabase, asked);
    await addReject(testDatabase, asked);
    await addReject(testDatabase, asked, { status: 'IGNORED' });
    await addReject(testDatabase, asked, { row_key: null, shop_no: null });
    await addReject(testDatabase, { ...asked, days: ['2026-05-03', '2026-05-04'] });
    await addReject(testDatabase, { ...asked, mallId: 2 });
    expect(await loadOne(executionId)).toMatchObject({ openRejects: 2 });
  });

  it('know how far the present reading is', async () => {
    const instanceId = await addDay(2);
    const executionId = await addRun(testDatabase, instanceId, { status: 'FAILED' });
    expect(await loadOne(executionId)).toMatchObject({ checkpoint: null });
    await addWindow(testDatabase, instanceId, 1, { state: 'COMPLETE', count_before: 900, next_offset: 900 });
    await addWindow(testDatabase, instanceId, 2, { state: 'OPEN', count_before: 500, next_offset: 200 });
    await addWindow(testDatabase, instanceId, 3, { state: 'INCOMPLETE', count_before: 70, next_offset: 70 });
    await addWindow(testDatabase, instanceId, 4, { reading: 2, state: 'OPEN', count_before: 9_000 });
    const checkpoint = { windowsDone: 1, windowsTotal: 3, rowsLeft: 370 };
    expect(await loadOne(executionId)).toMatchObject({ checkpoint });
    await addWindow(testDatabase, instanceId, 5);
    expect(await loadOne(executionId)).toMatchObject({
      checkpoint: { ...checkpoint, windowsTotal: 4, rowsLeft: null },
    });
  });

  it('estimate calls from the last complete reading of the mall, by length of period', async () => {
    const wide = await addInstance(testDatabase, { mallId: 4, days: ['2026-05-01', '2026-05-05'] });
    await addRun(testDatabase, wide, { api_calls: 21 });
    const narrow = await addInstance(testDatabase, { mallId: 4, days: ['2026-05-05', '2026-05-06'] });
    const failedId = await addRun(testDatabase, narrow, { status: 'FAILED', api_calls: 900 });
    expect(await loadOne(failedId)).toMatchObject({ lastApiCalls: 6 });
    // a replay reads a few rows, and a later attempt what the first one left
    await addRun(testDatabase, wide, { mode: 'REPLAY', api_calls: 1 });
    await addRun(testDatabase, narrow, { api_calls: 1 });
    expect(await loadOne(failedId)).toMatchObject({ lastApiCalls: 6 });
    expect((await loadPeriod([4]))[0]).toMatchObject({ lastApiCalls: 11 });
  });

  it('know until when no call to the mall will be made', async () => {
    const executionId = await addRun(testDatabase, await addDay(3), { status: 'FAILED' });
    const budget = createRateBudget({ pool: database.pool });
    await budget.block(3, 'orders', 60_000);
    await budget.block(3, '*', 1);
    await testDatabase.query(
      `update mallsync.tb_rate_budget set blocked_until = now() - interval '1 second' where endpoint = '*'`,
    );
    expect(await loadOne(executionId)).toMatchObject({ blockedUntilMs: null });
    await budget.block(3, '*', 60_000);
    expect((await loadOne(executionId))?.blockedUntilMs).toBeGreaterThan(Date.now());
  });
});
