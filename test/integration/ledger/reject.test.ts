import { expect, test } from 'vitest';
import { admitExecution } from '../../../src/adapters/postgres/admission.ts';
import type { ExecutionRequest } from '../../../src/adapters/postgres/admission-state.ts';
import { loadCoverage } from '../../../src/adapters/postgres/coverage-reader.ts';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import type { ClaimedExecution } from '../../../src/domain/execution.ts';
import type { RejectedRow } from '../../../src/domain/row-error.ts';
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
const database = await db.open({ poolSize: 2 });
const ledger = createLedger({ database, store: probeStore });

const EVER = { fromMs: 0, untilMs: 4_000_000_000_000 };
const KEYLESS = { key: null, reasonCode: 'MISSING_KEY', field: 'member_id', message: 'has no key' } as const;

async function begin(request: ExecutionRequest): Promise<ClaimedExecution> {
  const admission = await admitExecution(database, request);
  if (admission.kind !== 'admitted') throw new Error(`not admitted but ${admission.kind}`);
  return claim(database, admission.executionId);
}

async function read(request: ExecutionRequest, rows: readonly string[], rejected: readonly RejectedRow[]) {
  const execution = await begin(request);
  const { fromMs, untilMs } = execution.period;
  await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
  await ledger.openWindow(execution, 1, 1);
  await ledger.commitPage(
    execution,
    aPage(
      rows.map((key) => aRow(key)),
      { rejected },
    ),
  );
  const isClean = rejected.every((row) => row.reasonCode === 'DUPLICATE_IN_PAGE');
  const state = isClean ? 'COMPLETE' : 'COMPLETE_WITH_REJECTS';
  await ledger.settleWindow(execution, 1, { state, countAfter: 1, message: null });
  return ledger.settleExecution(execution);
}

function entriesOf({ mallId }: ExecutionRequest) {
  return db.query<{ row_key: string | null; reason_code: string; status: string; times: number }>(
    `select row_key, reason_code, status, times from mallsync.tb_batch_error_log where mall_id = $1
     order by row_key nulls last, reason_code`,
    [mallId],
  );
}

function again(request: ExecutionRequest): ExecutionRequest {
  return { ...request, mode: 'REPROCESS', reason: 'read again' };
}

function aBatch(rows: readonly string[], rejected: readonly RejectedRow[] = []) {
  return {
    ...aPage(
      rows.map((key) => aRow(key)),
      { rejected },
    ),
    settledKeys: [],
    window: null,
    isWindowEnd: false,
  };
}

test('the same failure again is one entry that counts, and duplicates are logged as ignored', async () => {
  const request = aRequest();
  const duplicate = aRejectedRow({ key: '1|twice', reasonCode: 'DUPLICATE_IN_PAGE', field: null, stage: 'VALIDATE' });
  await read(request, ['1|twice'], [aRejectedRow(), aRejectedRow(), duplicate]);
  await read(again(request), ['1|twice'], [aRejectedRow(), duplicate]);
  expect(await entriesOf(request)).toEqual([
    { row_key: '1|bad', reason_code: 'BAD_DATE', status: 'OPEN', times: 3 },
    { row_key: '1|twice', reason_code: 'DUPLICATE_IN_PAGE', status: 'IGNORED', times: 2 },
  ]);
});

test('a row that is stored at last settles its entry, one that fails anew opens it again', async () => {
  const request = aRequest();
  await read(request, [], [aRejectedRow()]);
  await read(again(request), ['1|bad'], []);
  expect(await entriesOf(request)).toMatchObject([{ status: 'REPLAYED', times: 1 }]);
  await read(again(request), [], [aRejectedRow()]);
  expect(await entriesOf(request)).toMatchObject([{ status: 'OPEN', times: 2 }]);
});

test('a row that fails for another reason leaves only the new reason open', async () => {
  const request = aRequest();
  await read(request, [], [aRejectedRow()]);
  await read(again(request), [], [aRejectedRow({ reasonCode: 'BAD_NUMBER', field: 'points' })]);
  expect(await entriesOf(request)).toMatchObject([
    { reason_code: 'BAD_DATE', status: 'REPLAYED' },
    { reason_code: 'BAD_NUMBER', status: 'OPEN' },
  ]);
});

test('what a person ignores stays ignored', async () => {
  const request = aRequest();
  await read(request, [], [aRejectedRow()]);
  await db.query(`update mallsync.tb_batch_error_log set status = 'IGNORED' where mall_id = $1`, [request.mallId]);
  await read(again(request), [], [aRejectedRow()]);
  expect(await entriesOf(request)).toMatchObject([{ status: 'IGNORED', times: 2 }]);
});

test('entries of a window that is read whole without them are settled, with a key or without', async () => {
  const request = aRequest();
  await read(request, [], [aRejectedRow(), aRejectedRow(KEYLESS)]);
  await db.query(`update mallsync.tb_batch_error_log set last_seen_at = now() - interval '1 hour' where mall_id = $1`, [
    request.mallId,
  ]);
  await read(again(request), ['1|other'], []);
  expect(await entriesOf(request)).toMatchObject([{ status: 'REPLAYED' }, { status: 'REPLAYED' }]);
});

test('a replay takes the open entries of its groups and settles what it stores', async () => {
  const request = aRequest();
  const other = aRejectedRow({ key: '1|other', reasonCode: 'BAD_NUMBER', field: 'points' });
  await read(request, ['1|good'], [aRejectedRow(), aRejectedRow({ key: '1|still bad' }), other]);
  const fingerprints = ['MEMBER:MAP:BAD_DATE:created_date'];
  const execution = await begin({ ...request, mode: 'REPLAY', fingerprints });
  const { fromMs, untilMs } = execution.period;
  const window = { fromMs, untilMs, shopNo: 1, dateType: 'join' };
  expect(await ledger.loadRejected(execution)).toEqual([
    { key: '1|bad', window },
    { key: '1|still bad', window },
  ]);
  const outcome = await ledger.commitReplay(execution, aBatch(['1|bad'], [aRejectedRow({ key: '1|still bad' })]));
  expect(outcome).toMatchObject({ inserted: 1, rejected: 0, wasApplied: true });
  expect(await ledger.loadRejected(execution)).toEqual([{ key: '1|still bad', window }]);
  expect(await ledger.settleExecution(execution)).toMatchObject({
    status: 'COMPLETED_WITH_REJECTS',
    counters: { inserted: 1, rejected: 1, read: 2 },
  });
  expect(await entriesOf(request)).toMatchObject([
    { row_key: '1|bad', status: 'REPLAYED' },
    { row_key: '1|other', status: 'OPEN' },
    { row_key: '1|still bad', status: 'OPEN', times: 2 },
  ]);
  expect((await loadCoverage(database.pool, EVER, [request.mallId]))[0]?.withRejects).toEqual([{ fromMs, untilMs }]);
});

test('the mark of rejects goes when the last entry is dealt with', async () => {
  const request = aRequest();
  await read(request, [], [aRejectedRow(), aRejectedRow(KEYLESS)]);
  const execution = await begin({ ...request, mode: 'REPLAY' });
  const { fromMs, untilMs } = execution.period;
  const window = { fromMs, untilMs, shopNo: 1, dateType: 'join' };
  expect(await ledger.loadRejected(execution)).toEqual([
    { key: '1|bad', window },
    { key: null, window },
  ]);
  await ledger.commitReplay(execution, { ...aBatch([]), settledKeys: ['1|bad'] });
  expect(await ledger.loadRejected(execution)).toEqual([{ key: null, window }]);
  await ledger.commitReplay(execution, { ...aBatch(['1|had no key']), window, isWindowEnd: true });
  expect(await ledger.loadRejected(execution)).toEqual([]);
  expect(await ledger.settleExecution(execution)).toMatchObject({ status: 'COMPLETED' });
  expect((await loadCoverage(database.pool, EVER, [request.mallId]))[0]).toMatchObject({
    covered: [{ fromMs, untilMs }],
    withRejects: [],
  });
});

test('a row without key that fails again in a replay stays open and replayable', async () => {
  const request = aRequest();
  await read(request, [], [aRejectedRow(KEYLESS)]);
  const execution = await begin({ ...request, mode: 'REPLAY' });
  const { fromMs, untilMs } = execution.period;
  const window = { fromMs, untilMs, shopNo: 1, dateType: 'join' };
  await ledger.commitReplay(execution, aBatch([], [aRejectedRow(KEYLESS)]));
  await ledger.commitReplay(execution, { ...aBatch([]), window, isWindowEnd: true });
  expect(await ledger.loadRejected(execution)).toEqual([{ key: null, window }]);
  expect(await entriesOf(request)).toMatchObject([{ status: 'OPEN', times: 2 }]);
});
