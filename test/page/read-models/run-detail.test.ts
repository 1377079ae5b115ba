import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { loadRun } from '../../../src/adapters/postgres/read-models/run-detail.ts';
import { createRetryRequests } from '../../../src/adapters/postgres/retry-request.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addCoverage, addInstance, addMall, addReject, addRun, addWindow, seoul, seoulMs } from './ledger-rows.ts';

const testDatabase = await createTestDatabase();
let database: Database;

const DAYS = ['2026-03-28', '2026-03-31'] as const;
let instanceId = 0;
let first = 0;
let replay = 0;
let second = 0;

beforeAll(async () => {
  database = await testDatabase.open({ poolSize: 2 });
  await addMall(testDatabase, 7, { name: 'Seven', cafe24_mall_id: 'seven' });
  instanceId = await addInstance(testDatabase, { mallId: 7, domainType: 'ORDER', days: DAYS });
  first = await addRun(testDatabase, instanceId, {
    status: 'FAILED',
    failure_reason: 'IncompleteRead',
    failure_message: 'counted 12, saw 10',
    requested_by: 'nightly',
    mallsync_namespace: 'shops',
    mallsync_name: 'nightly-order-20260330',
    mallsync_uid: 'uid-1',
    job_name: 'ms-order-7',
    pod: 'ms-order-7-abc',
    fence_token: 3,
    requested_at: seoul('2026-03-31T00:02'),
    launched_at: seoul('2026-03-31T00:03'),
    started_at: seoul('2026-03-31T00:04'),
    ended_at: seoul('2026-03-31T00:30'),
    exit_code: 65,
    read: 22,
  });
  replay = await addRun(testDatabase, instanceId, {
    mode: 'REPLAY',
    replay_fingerprints: '{ORDER:MAP:BAD_DATE:order_date}',
    requested_at: seoul('2026-03-31T08:00'),
  });
  second = await addRun(testDatabase, instanceId, { status: 'RUNNING', requested_at: seoul('2026-03-31T09:00') });
  await addWindow(testDatabase, instanceId, 1, {
    bounds: `[${seoul('2026-03-28')},${seoul('2026-03-30')})`,
    state: 'COMPLETE',
    execution_id: first,
    settled_at: seoul('2026-03-31T00:20'),
  });
  await addWindow(testDatabase, instanceId, 2, {
    bounds: `[${seoul('2026-03-30')},${seoul('2026-03-31')})`,
    state: 'COMPLETE',
    execution_id: second,
    settled_at: seoul('2026-03-31T09:20'),
  });
  await addCoverage(testDatabase, 7, 'ORDER', [['2026-03-01', '2026-03-30']], [['2026-03-28', '2026-03-29']]);
  await addCoverage(testDatabase, 7, 'MEMBER', [['2026-03-01', '2026-03-31']]);
  const reject = { mallId: 7, domainType: 'ORDER', days: DAYS };
  for (const name of ['a', 'b', 'c']) {
    await addReject(testDatabase, reject, {
      execution_id: first,
      row_key: name,
      row_identity: name,
      stage: 'MAP',
      reason_code: 'BAD_DATE',
      field: 'order_date',
      fingerprint: 'ORDER:MAP:BAD_DATE:order_date',
      message: `order_date is no date (${name})`,
      payload: { order_id: '***', key: name },
      times: 2,
      status: name === 'a' ? 'REPLAYED' : 'OPEN',
    });
  }
  await addReject(testDatabase, reject, { execution_id: first, row_key: 'd', row_identity: 'd' });
  await addReject(testDatabase, reject, { execution_id: second, row_key: 'e', row_identity: 'e' });
});

describe('one run', () => {
  it('is null where there is none', async () => {
    expect(await loadRun(database.pool, 999_999)).toBeNull();
  });

  it('has its record, its mall, and what the ledger knows of its place', async () => {
    expect(await loadRun(database.pool, first)).toMatchObject({
      executionId: first,
      mallName: 'Seven',
      cafe24MallId: 'seven',
      status: 'FAILED',
      failureReason: 'IncompleteRead',
      exitCode: 65,
      isMended: true,
      mallSyncName: 'nightly-order-20260330',
      mallSyncNamespace: 'shops',
      mallSyncUid: 'uid-1',
      jobName: 'ms-order-7',
      holder: 'ms-order-7-abc',
      reading: 1,
      fenceToken: 3,
      replayFingerprints: null,
      launchedAtMs: seoulMs('2026-03-31T00:03'),
      period: { fromMs: seoulMs('2026-03-28'), untilMs: seoulMs('2026-03-31') },
    });
    expect(await loadRun(database.pool, replay)).toMatchObject({
      mode: 'REPLAY',
      replayFingerprints: ['ORDER:MAP:BAD_DATE:order_date'],
    });
  });

  it('stands beside the other attempts at its instance, the newest first', async () => {
    const run = await loadRun(database.pool, first);
    expect(run?.attempts.map(({ executionId, isMended }) => [executionId, isMended])).toEqual([
      [second, false],
      [replay, true],
      [first, true],
    ]);
  });

  it('shows the windows of its reading and what is covered of its period', async () => {
    const run = await loadRun(database.pool, first);
    expect(run?.windows.map(({ n, state }) => [n, state])).toEqual([
      [1, 'COMPLETE'],
      [2, 'COMPLETE'],
    ]);
    expect(run?.coverage).toEqual({
      covered: [{ fromMs: seoulMs('2026-03-28'), untilMs: seoulMs('2026-03-30') }],
      withRejects: [{ fromMs: seoulMs('2026-03-28'), untilMs: seoulMs('2026-03-29') }],
    });
    const other = await addInstance(testDatabase, { mallId: 8, domainType: 'ORDER', days: DAYS });
    const bare = await loadRun(database.pool, await addRun(testDatabase, other));
    expect(bare).toMatchObject({
      mallName: '',
      windows: [],
      coverage: { covered: [], withRejects: [] },
      errorGroups: [],
    });
  });

  it('groups what it was the last to reject, the largest group first, with its newest entry as a sample', async () => {
    const run = await loadRun(database.pool, first);
    expect(run?.errorGroups).toMatchObject([
      {
        fingerprint: 'ORDER:MAP:BAD_DATE:order_date',
        stage: 'MAP',
        reasonCode: 'BAD_DATE',
        field: 'order_date',
        entries: 3,
        times: 6,
        open: 2,
        sampleMessage: 'order_date is no date (c)',
        samplePayload: { order_id: '***', key: 'c' },
      },
      { fingerprint: 'ORDER:VALIDATE:BAD_DATE:birthday', entries: 1, open: 1, samplePayload: null },
    ]);
  });
});

describe('the timeline of a run', () => {
  const listKinds = async (executionId: number) =>
    (await loadRun(database.pool, executionId))?.timeline.map(({ kind, atMs }) => [kind, atMs]);

  it('has what happened to it, oldest first, and the windows that it settled itself', async () => {
    expect(await listKinds(first)).toEqual([
      ['requested', seoulMs('2026-03-31T00:02')],
      ['launched', seoulMs('2026-03-31T00:03')],
      ['started', seoulMs('2026-03-31T00:04')],
      ['windowSettled', seoulMs('2026-03-31T00:20')],
      ['ended', seoulMs('2026-03-31T00:30')],
    ]);
    expect(await listKinds(second)).toEqual([
      ['requested', seoulMs('2026-03-31T09:00')],
      ['windowSettled', seoulMs('2026-03-31T09:20')],
    ]);
  });

  it('sums up windows beyond the first hundred', async () => {
    const long = await addInstance(testDatabase, { mallId: 9, domainType: 'ORDER', days: DAYS });
    const executionId = await addRun(testDatabase, long, { requested_at: seoul('2026-03-31') });
    await testDatabase.query(
      `insert into mallsync.tb_batch_window (instance_id, reading, n, mall_id, domain_type, bounds, shop_no, date_type, state,
         execution_id, settled_at)
       select $1, 1, n, 9, 'ORDER', tstzrange('2026-03-28', '2026-03-29'), 1, 'join', 'COMPLETE', $2,
         timestamptz '2026-03-31 12:00+09' + n * interval '1 second' from generate_series(1, 130) n`,
      [long, executionId],
    );
    const timeline = (await loadRun(database.pool, executionId))?.timeline ?? [];
    expect(timeline.filter(({ kind }) => kind === 'windowSettled')).toHaveLength(100);
    expect(timeline.at(-1)).toEqual({
      kind: 'windowsSettled',
      atMs: seoulMs('2026-03-31T12:00') + 130_000,
      count: 30,
    });
  });

  it('names the requests that asked for its instance, carried out or still open, and no others', async () => {
    const requests = createRetryRequests(database);
    const wish = {
      kind: 'RESUME' as const,
      domainType: 'ORDER' as const,
      startDate: '2026-03-28T00:00:00',
      endDate: '2026-03-31T00:00:00',
      pageSize: 1000,
      fingerprints: null,
      mallIds: [6, 7],
      requestedBy: 'kim',
      reason: 'again',
    };
    const done = await requests.create('click-1 ORDER 2026-03-28T00:00:00 2026-03-31T00:00:00', wish);
    await requests.takePending();
    const result = { mallId: 7, state: 'DONE', instanceId, executionId: second, result: 'AuthFailed: again' } as const;
    await requests.saveItem(done.requestId, result);
    await requests.saveItem(done.requestId, { ...result, mallId: 6, instanceId: null, executionId: null });
    await requests.finish(done.requestId);
    const open = await requests.create('click-2 ORDER 2026-03-28T00:00:00 2026-03-31T00:00:00', wish);
    await requests.create('click-3 ORDER', { ...wish, mallIds: [6] });
    await requests.create('click-4 ORDER', { ...wish, domainType: 'MEMBER' });
    const timeline = (await loadRun(database.pool, first))?.timeline ?? [];
    expect(timeline.filter(({ kind }) => kind === 'retryRequested')).toMatchObject([
      {
        requestId: done.requestId,
        key: 'click-1',
        requestKind: 'RESUME',
        requestedBy: 'kim',
        reason: 'again',
        state: 'DONE',
        result: 'AuthFailed: again',
        executionId: second,
      },
      { requestId: open.requestId, key: 'click-2', state: 'PENDING', result: null, executionId: null },
    ]);
  });
});
