import { describe, expect, test } from 'vitest';
import { admitExecution } from '../../../src/adapters/postgres/admission.ts';
import { findExecution, listExecutions } from '../../../src/adapters/postgres/execution-store.ts';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import type { ExecutionRequest } from '../../../src/adapters/postgres/admission-state.ts';
import { parsePeriod } from '../../../src/domain/period.ts';
import { toSeoulTime } from '../../../src/domain/seoul-time.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  aPage,
  aRejectedRow,
  aRequest,
  aRow,
  claim,
  createProbeTable,
  probeStore,
} from '../../support/database-probe.ts';

const db = await createTestDatabase();
await createProbeTable(db);
const database = await db.open({ poolSize: 20 });

async function admitted(request: ExecutionRequest) {
  const admission = await admitExecution(database, request);
  if (admission.kind !== 'admitted') throw new Error(`not admitted but ${admission.kind}`);
  return admission;
}

async function complete(on: Database, executionId: number, { withReject = false } = {}) {
  const execution = await claim(on, executionId);
  const ledger = createLedger({ database: on, store: probeStore });
  const { windows } = await ledger.loadWindows(execution);
  const { fromMs, untilMs } = execution.period;
  const open =
    windows.length > 0
      ? windows
      : await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
  for (const { n } of open) {
    await ledger.openWindow(execution, n, 1);
    const rejected = withReject ? [aRejectedRow()] : [];
    await ledger.commitPage(execution, aPage([aRow('1|a')], { windowN: n, rejected }));
    const state = withReject ? 'COMPLETE_WITH_REJECTS' : 'COMPLETE';
    await ledger.settleWindow(execution, n, { state, countAfter: 1, message: null });
  }
  return ledger.settleExecution(execution);
}

test('twenty admissions at once let one in, and the others find it', async () => {
  const request = aRequest();
  const admissions = await Promise.all(Array.from({ length: 20 }, () => admitExecution(database, request)));
  const winners = admissions.filter((admission) => admission.kind === 'admitted');
  expect(winners).toHaveLength(1);
  const executionId = winners[0]?.executionId;
  const others = admissions.filter((admission) => admission.kind !== 'admitted');
  for (const other of others) expect(other).toMatchObject({ kind: 'live', execution: { executionId } });
  expect(await listExecutions(database, { mallIds: [request.mallId] })).toHaveLength(1);
});

describe('identity', () => {
  const spellings = [
    { what: 'another page size', change: { pageSize: 10 } },
    {
      what: 'the other spelling of the end',
      change: { period: parsePeriod('2025-01-01T00:00:00', '2025-01-10T23:59:59') },
    },
    { what: 'another attempt', change: { attemptCount: 7 } },
  ];

  test.each(spellings)('$what is refused while live and as already complete afterwards', async ({ change }) => {
    const request = aRequest();
    const { executionId } = await admitted(request);
    const variant = { ...request, ...change };
    expect(await admitExecution(database, variant)).toMatchObject({ kind: 'live', execution: { executionId } });
    await complete(database, executionId);
    expect(await admitExecution(database, variant)).toMatchObject({
      kind: 'already-complete',
      execution: { executionId, status: 'COMPLETED' },
    });
    expect(await listExecutions(database, { mallIds: [request.mallId] })).toHaveLength(1);
  });

  test('another period, mall or domain type is another instance', async () => {
    const request = aRequest();
    const ids = new Set<number>();
    ids.add((await admitted(request)).instanceId);
    ids.add((await admitted({ ...request, domainType: 'ORDER' })).instanceId);
    ids.add(
      (await admitted({ ...request, period: parsePeriod('2025-01-01T00:00:00', '2025-01-10T23:59:58') })).instanceId,
    );
    ids.add((await admitted(aRequest())).instanceId);
    expect(ids.size).toBe(4);
  });
});

test('a period that is not over by the database clock leaves nothing behind', async () => {
  const inAnHour = toSeoulTime(Date.now() + 3_600_000);
  const request = aRequest({ period: parsePeriod('2025-01-01T00:00:00', inAnHour) });
  expect(await admitExecution(database, request)).toMatchObject({ kind: 'refused', reason: 'PeriodOpen' });
  const rows = await db.query('select 1 from mallsync.tb_batch_job_instance where mall_id = $1', [request.mallId]);
  expect(rows).toEqual([]);
});

test('a used attempt number gives the next free one, a named free one is kept', async () => {
  const request = aRequest({ attemptCount: 3 });
  const first = await admitted(request);
  expect(first.attemptCount).toBe(3);
  const execution = await claim(database, first.executionId);
  await createLedger({ database, store: probeStore }).failExecution(execution, 'AuthFailed', 'no consent', 77);
  expect((await admitted(request)).attemptCount).toBe(4);
});

describe('adopting, as sync does', () => {
  test('takes the live execution of that number, with the same page size only', async () => {
    const request = aRequest({ attemptCount: 1, onUsedAttempt: 'adopt' });
    const { executionId } = await admitted(request);
    expect(await admitExecution(database, request)).toMatchObject({ kind: 'adopt', execution: { executionId } });
    expect(await admitExecution(database, { ...request, pageSize: 10 })).toMatchObject({
      kind: 'refused',
      reason: 'DuplicateRefused',
    });
    expect(await admitExecution(database, { ...request, attemptCount: 2 })).toMatchObject({ kind: 'live' });
  });

  test('finds a completed one complete and refuses one that failed', async () => {
    const request = aRequest({ attemptCount: 1, onUsedAttempt: 'adopt' });
    const { executionId } = await admitted(request);
    const execution = await claim(database, executionId);
    await createLedger({ database, store: probeStore }).failExecution(execution, 'AuthFailed', 'no consent', 77);
    expect(await admitExecution(database, request)).toMatchObject({ kind: 'refused', reason: 'DuplicateRefused' });
    const second = await admitted({ ...request, attemptCount: 2 });
    await complete(database, second.executionId);
    expect(await admitExecution(database, { ...request, attemptCount: 2 })).toMatchObject({ kind: 'already-complete' });
  });
});

describe('what a new execution reads', () => {
  test('another attempt goes on with the reading and tries incomplete windows again', async () => {
    const request = aRequest();
    const first = await admitted(request);
    const execution = await claim(database, first.executionId);
    const ledger = createLedger({ database, store: probeStore });
    const { fromMs, untilMs } = execution.period;
    const middle = fromMs + 86_400_000;
    await ledger.saveWindows(execution, [
      { fromMs, untilMs: middle, shopNo: 1, dateType: 'join' },
      { fromMs: middle, untilMs, shopNo: 1, dateType: 'join' },
    ]);
    await ledger.openWindow(execution, 1, 1);
    await ledger.settleWindow(execution, 1, { state: 'COMPLETE', countAfter: 1, message: null });
    await ledger.openWindow(execution, 2, 5);
    await ledger.commitPage(execution, aPage([aRow('1|a')], { windowN: 2 }));
    await ledger.settleWindow(execution, 2, { state: 'INCOMPLETE', countAfter: 6, message: 'counts disagree' });
    expect(await ledger.settleExecution(execution)).toMatchObject({
      status: 'FAILED',
      failureReason: 'IncompleteRead',
      failureMessage: '1 of 2 windows are incomplete; window 2 (shop 1, join): counts disagree',
    });
    const second = await admitted(request);
    expect(second.attemptCount).toBe(2);
    const resumed = await claim(database, second.executionId);
    expect(await ledger.loadWindows(resumed)).toMatchObject({
      isPlanned: true,
      windows: [{ n: 2, state: 'UNSPLIT', nextOffset: 0, rowsSeen: 0, countBefore: null }],
    });
  });

  test('a reprocess needs a reason and reads anew, and the old windows stay as evidence', async () => {
    const request = aRequest();
    await complete(database, (await admitted(request)).executionId);
    const wish = { ...request, mode: 'REPROCESS' as const };
    expect(await admitExecution(database, wish)).toMatchObject({ kind: 'refused', reason: 'ConfigInvalid' });
    const again = await admitted({ ...wish, reason: 'late orders' });
    const execution = await claim(database, again.executionId);
    expect(execution).toMatchObject({ mode: 'REPROCESS', reading: 2, attemptCount: 2 });
    const ledger = createLedger({ database, store: probeStore });
    expect(await ledger.loadWindows(execution)).toEqual({ isPlanned: false, windows: [] });
    const windows = await db.query('select reading, state from mallsync.tb_batch_window where mall_id = $1', [
      request.mallId,
    ]);
    expect(windows).toEqual([{ reading: 1, state: 'COMPLETE' }]);
    await ledger.failExecution(execution, 'AuthFailed', 'no consent', 77);
    const resumed = await admitted(request);
    expect(await findExecution(database, resumed.executionId)).toMatchObject({ mode: 'RESUME', attemptCount: 3 });
    expect((await claim(database, resumed.executionId)).reading).toBe(2);
  });

  test('a replay needs open rejected rows of the wanted groups', async () => {
    const request = aRequest();
    const replay = { ...request, mode: 'REPLAY' as const };
    expect(await admitExecution(database, replay)).toMatchObject({ kind: 'refused' });
    await complete(database, (await admitted(request)).executionId, { withReject: true });
    expect(await admitExecution(database, { ...replay, fingerprints: ['MEMBER:MAP:OTHER:-'] })).toMatchObject({
      kind: 'refused',
    });
    const fingerprints = ['MEMBER:MAP:BAD_DATE:created_date'];
    const { executionId } = await admitted({ ...replay, fingerprints });
    expect(await claim(database, executionId)).toMatchObject({ mode: 'REPLAY', reading: 1 });
  });
});
