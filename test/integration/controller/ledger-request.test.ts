import { beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createRetryRequests, type RetryRequests } from '../../../src/adapters/postgres/retry-request.ts';
import type { ControllerLedger } from '../../../src/controller/controller-ledger.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createProbeTable } from '../../support/database-probe.ts';
import {
  addMalls,
  aMallSync,
  anOutcome,
  aPeriod,
  aSpec,
  claim,
  complete,
  fail,
  lead,
  runOf,
} from './ledger-fixture.ts';

const db = await createTestDatabase();
await createProbeTable(db);
let database: Database;
let ledger: ControllerLedger;
let requests: RetryRequests;

beforeAll(async () => {
  database = await db.open({ writerConnections: 2 });
  await addMalls(db, 5);
  ledger = await lead(database);
  requests = createRetryRequests(database);
});

let keys = 0;

/** A request that a server has taken, and the MallSync and spec that it becomes. */
async function taken(mallIds: readonly number[]) {
  const period = aPeriod();
  const { startDate, endDate } = period;
  keys += 1;
  const { requestId } = await requests.create(`key ${keys}`, {
    kind: 'RESUME',
    domainType: 'MEMBER',
    startDate,
    endDate,
    pageSize: 1000,
    fingerprints: null,
    mallIds,
    requestedBy: 'kim',
    reason: '',
  });
  await requests.takePending();
  const spec = aSpec({ mallIds, period, trigger: 'RERUN' });
  return { requestId, spec, mallSync: aMallSync({ name: `rerun-${requestId}`, retryRequestId: requestId }) };
}

async function look(requestId: number) {
  await ledger.reportRequest(requestId);
  const request = await requests.find(requestId);
  if (request === null) throw new Error('it was made');
  const { state, doneAtMs, items } = request;
  return { state, isDone: doneAtMs !== null, items };
}

test('items follow their malls, each to its end, and the last one ends the request', async () => {
  const { requestId, spec, mallSync } = await taken([1, 2, 3, 4, 77]);
  const earlier = await ledger.admit(aMallSync(), { ...spec, mallIds: [3, 4] });
  await complete(database, runOf(earlier, 3).executionId);
  expect((await look(requestId)).items.map(({ state }) => state)).toEqual(Array(5).fill('ACCEPTED'));
  const state = await ledger.admit(mallSync, spec);
  const accepted = await look(requestId);
  const ofRun = (mallId: number) => {
    const { executionId, instanceId } = runOf(state, mallId);
    return { mallId, executionId, instanceId };
  };
  const ofNone = { executionId: null, instanceId: null };
  const { executionId, instanceId } = runOf(earlier, 3);
  const refused = [
    { mallId: 3, executionId, instanceId, state: 'DONE', result: 'already complete' },
    {
      mallId: 4,
      ...ofNone,
      state: 'REFUSED',
      result: expect.stringMatching(
        /^DuplicateRefused: already waiting as attempt 1 \(execution \d+, MallSync sync-\d+\)$/,
      ),
    },
    { mallId: 77, ...ofNone, state: 'REFUSED', result: expect.stringContaining('ConfigInvalid: there is no mall 77') },
  ];
  expect(accepted).toEqual({
    state: 'ACCEPTED',
    isDone: false,
    items: [
      { ...ofRun(1), state: 'ACCEPTED', result: null },
      { ...ofRun(2), state: 'ACCEPTED', result: null },
      ...refused,
    ],
  });
  await claim(database, ofRun(1).executionId);
  expect((await look(requestId)).items[0]).toEqual({ ...ofRun(1), state: 'RUNNING', result: null });
  const end = { status: 'FAILED', reason: 'Lost', message: 'its Job is gone' } as const;
  await ledger.recordOutcomes(mallSync.uid, [anOutcome(ofRun(1).executionId, { end })]);
  expect((await look(requestId)).state).toBe('ACCEPTED');
  await complete(database, ofRun(2).executionId);
  const ended = {
    state: 'DONE',
    isDone: true,
    items: [
      { ...ofRun(1), state: 'DONE', result: 'Lost: its Job is gone' },
      { ...ofRun(2), state: 'DONE', result: 'COMPLETED: 1 read, 1 inserted, 0 updated, 0 rejected' },
      ...refused,
    ],
  };
  expect(await look(requestId)).toEqual(ended);
  await ledger.admit(mallSync, { ...spec, attemptCount: 2 });
  expect(await look(requestId)).toEqual(ended);
});

test('a request of which every mall was refused is refused', async () => {
  const { requestId, spec, mallSync } = await taken([1, 2]);
  await ledger.admit(aMallSync(), spec);
  await ledger.admit(mallSync, spec);
  expect(await look(requestId)).toMatchObject({ state: 'REFUSED', isDone: true });
});

test('a request that became two MallSyncs ends with the second', async () => {
  const { requestId, spec, mallSync } = await taken([1, 2]);
  const rest = aMallSync({ name: `rerun-${requestId}-2`, retryRequestId: requestId });
  const first = await ledger.admit(mallSync, { ...spec, mallIds: [1] });
  await fail(database, runOf(first, 1).executionId);
  expect(await look(requestId)).toMatchObject({ state: 'ACCEPTED', items: [{ state: 'DONE' }, { state: 'ACCEPTED' }] });
  const second = await ledger.admit(rest, { ...spec, mallIds: [2] });
  await complete(database, runOf(second, 2).executionId, { withReject: true });
  expect(await look(requestId)).toMatchObject({
    state: 'DONE',
    items: [{ result: 'AuthFailed: no consent' }, { result: expect.stringContaining('COMPLETED_WITH_REJECTS: ') }],
  });
});

test('a request whose MallSync is deleted ends with it', async () => {
  const { requestId, spec, mallSync } = await taken([1, 2]);
  await ledger.admit(mallSync, spec);
  await ledger.stopAll(mallSync.uid, 'its MallSync was deleted');
  const request = await requests.find(requestId);
  expect(request?.state).toBe('DONE');
  expect(request?.items.map(({ result }) => result)).toEqual(Array(2).fill('Stopped: its MallSync was deleted'));
});

test('another installation has no say in it', async () => {
  const { requestId, spec, mallSync } = await taken([1]);
  await ledger.admit(mallSync, spec);
  const other = await lead(database, 'elsewhere');
  await other.reportRequest(requestId);
  expect((await requests.find(requestId))?.items).toMatchObject([{ executionId: null }]);
});

test('a request that a MallSync was admitted for is nobody else’s to take, however long it waits', async () => {
  const abandoned = await taken([1]);
  const { requestId, spec, mallSync } = await taken([1]);
  await ledger.admit(mallSync, spec);
  await db.query(`update mallsync.tb_batch_retry_request set accepted_at = now() - interval '1 day'`);
  await db.query(`update mallsync.tb_batch_retry_request_item set updated_at = now() - interval '1 day'`);
  await requests.reopenAbandoned(120);
  expect((await requests.find(requestId))?.state).toBe('ACCEPTED');
  expect((await requests.find(abandoned.requestId))?.state).toBe('PENDING');
});
