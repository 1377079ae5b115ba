import { beforeAll, describe, expect, test } from 'vitest';
import { admitExecution } from '../../../src/adapters/postgres/admission.ts';
import { createControllerLedger } from '../../../src/adapters/postgres/controller-ledger.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import type { ControllerLedger } from '../../../src/controller/controller-ledger.ts';
import { parsePeriod } from '../../../src/domain/period.ts';
import { toSeoulTime } from '../../../src/domain/seoul-time.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aRequest, createProbeTable } from '../../support/database-probe.ts';
import { addMalls, aMallSync, aSpec, complete, fail, lead, mallOf, runOf } from './ledger-fixture.ts';

const db = await createTestDatabase();
await createProbeTable(db);
let database: Database;
let ledger: ControllerLedger;

beforeAll(async () => {
  database = await db.open({ writerConnections: 4, poolSize: 4 });
  await addMalls(db, 3);
  ledger = await lead(database);
});

test('before anything was admitted no mall is known', async () => {
  expect(await ledger.load('nobody')).toEqual({ malls: null, runs: [] });
});

test('a first admission gives every named mall its first attempt, and says so to everyone who looks', async () => {
  const mallSync = aMallSync();
  const spec = aSpec({ mallIds: [3, 1, 3], pageSize: 500, trigger: 'RERUN', requestedBy: 'lee\0', reason: 'late' });
  const state = await ledger.admit(mallSync, spec);
  expect(state.malls).toEqual(
    [1, 3].map((mallId) => ({
      mallId,
      result: 'ADMITTED',
      attemptWish: 0,
      executionId: runOf(state, mallId).executionId,
      reason: null,
      message: null,
    })),
  );
  expect(state.runs).toMatchObject(
    [1, 3].map((mallId) => ({ mallId, attemptCount: 1, pageSize: 500, status: 'REQUESTED', isRecorded: false })),
  );
  expect(await ledger.load(mallSync.uid)).toEqual(state);
  expect(await ledger.admit(mallSync, spec)).toEqual(state);
  const rows = await db.query(
    `select trigger, requested_by, reason, mode, installation_id, mallsync_namespace, mallsync_name, mallsync_uid,
       start_date, end_date, launched_at, job_name from mallsync.tb_batch_execution_summary where mallsync_uid = $1`,
    [mallSync.uid],
  );
  expect(rows).toHaveLength(2);
  expect(rows[0]).toEqual({
    trigger: 'RERUN',
    requested_by: 'lee',
    reason: 'late',
    mode: 'RESUME',
    installation_id: 'here',
    mallsync_namespace: 'batch',
    mallsync_name: mallSync.name,
    mallsync_uid: mallSync.uid,
    start_date: spec.period.startDate,
    end_date: spec.period.endDate,
    launched_at: null,
    job_name: null,
  });
});

describe('which malls', () => {
  beforeAll(async () => {
    await db.query(
      `insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name, active, domain_types, labels) values
         (11, 'm-11', '', true, '{ORDER}', '{"group":"a","size":"l"}'), (12, 'm-12', '', true, '{ORDER}', '{"group":"b"}'),
         (13, 'm-13', '', true, '{SALES}', '{"group":"a"}'), (14, 'm-14', '', false, '{ORDER}', '{"group":"a"}')`,
    );
  });

  const selections = [
    { what: 'none is named', mallIds: null, mallSelector: null, expected: [1, 2, 3, 11, 12] },
    { what: 'a label selects', mallIds: null, mallSelector: { group: 'a' }, expected: [11] },
    { what: 'labels select nothing', mallIds: null, mallSelector: { group: 'z' }, expected: [] },
    { what: 'they are named, active or not', mallIds: [14, 13], mallSelector: null, expected: [13, 14] },
  ];

  test.each(selections)('$what: $expected', async ({ mallIds, mallSelector, expected }) => {
    const state = await ledger.admit(aMallSync(), aSpec({ domainType: 'ORDER', mallIds, mallSelector }));
    expect(state.malls?.map(({ mallId }) => mallId)).toEqual(expected);
    expect(state.runs.map(({ mallId }) => mallId)).toEqual(expected);
  });

  test('one that does not exist is refused by name, until it does exist and is asked for again', async () => {
    const mallSync = aMallSync();
    const spec = aSpec({ mallIds: [1, 77] });
    const state = await ledger.admit(mallSync, spec);
    expect(mallOf(state, 77)).toMatchObject({ result: 'REFUSED', reason: 'ConfigInvalid', executionId: null });
    expect(mallOf(state, 77).message).toContain('no mall 77');
    await db.query(`insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name) values (77, 'm-77', '')`);
    expect(await ledger.admit(mallSync, spec)).toEqual(state);
    const again = await ledger.admit(mallSync, { ...spec, attemptCount: 1 });
    expect(mallOf(again, 77)).toMatchObject({ result: 'ADMITTED', attemptWish: 1, reason: null, message: null });
    expect(mallOf(again, 1)).toEqual(mallOf(state, 1));
  });

  test('malls that come or go later change nothing', async () => {
    const mallSync = aMallSync();
    const spec = aSpec({ mallIds: null, mallSelector: { group: 'b' }, domainType: 'ORDER' });
    const state = await ledger.admit(mallSync, spec);
    await db.query(`update mallsync.tb_mall_config set labels = '{"group":"b"}' where mall_id = 11`);
    expect(await ledger.admit(mallSync, { ...spec, attemptCount: 2 })).toEqual(state);
  });
});

describe('a second MallSync for the same malls and period', () => {
  test('is told who has them, whatever its page size and attempt are', async () => {
    const first = aMallSync();
    const spec = aSpec({ mallIds: [1, 2] });
    const won = await ledger.admit(first, spec);
    await complete(database, runOf(won, 1).executionId);
    const state = await ledger.admit(aMallSync(), { ...spec, mallIds: [1, 2, 3], pageSize: 10, attemptCount: 4 });
    const done = runOf(won, 1).executionId;
    expect(mallOf(state, 1)).toEqual({
      mallId: 1,
      result: 'ALREADY_COMPLETE',
      attemptWish: 4,
      executionId: done,
      reason: null,
      message: `attempt 1 (execution ${done}) ended as COMPLETED`,
    });
    expect(mallOf(state, 2)).toEqual({
      mallId: 2,
      result: 'REFUSED',
      attemptWish: 4,
      executionId: null,
      reason: 'DuplicateRefused',
      message: `already waiting as attempt 1 (execution ${runOf(won, 2).executionId}, MallSync ${first.name})`,
    });
    expect(state.runs).toMatchObject([{ mallId: 3, attemptCount: 4 }]);
  });

  test('is told of a local run, and a local run is told of it', async () => {
    const spec = aSpec({ mallIds: [1, 2] });
    const { period } = spec;
    const local = await admitExecution(database, aRequest({ mallId: 1, period }));
    if (local.kind !== 'admitted') throw new Error(local.kind);
    const mallSync = aMallSync();
    const state = await ledger.admit(mallSync, spec);
    expect(mallOf(state, 1).message).toBe(`already waiting as attempt 1 (execution ${local.executionId}, a local run)`);
    expect(await admitExecution(database, aRequest({ mallId: 2, period }))).toMatchObject({
      kind: 'live',
      execution: { executionId: runOf(state, 2).executionId, mallSyncName: mallSync.name },
    });
  });
});

describe('a raised attemptCount', () => {
  test('runs again only what is not complete, from wherever each mall stands', async () => {
    const spec = aSpec({ mallIds: [1, 2, 3] });
    for (const [mallId, attempts] of [
      [2, 4],
      [3, 2],
    ] as const) {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const local = await admitExecution(database, aRequest({ mallId, period: spec.period }));
        if (local.kind === 'admitted') await fail(database, local.executionId);
      }
    }
    const mallSync = aMallSync();
    const first = await ledger.admit(mallSync, { ...spec, attemptCount: 2 });
    expect(first.runs.map(({ attemptCount }) => attemptCount)).toEqual([2, 5, 3]);
    expect(mallOf(first, 1).message).toBeNull();
    expect(mallOf(first, 3).message).toBe('attempt 2 was used already; this is attempt 3');
    await complete(database, runOf(first, 1).executionId);
    await fail(database, runOf(first, 2).executionId);
    const second = await ledger.admit(mallSync, { ...spec, attemptCount: 3 });
    expect(second.runs.map(({ mallId, attemptCount }) => [mallId, attemptCount])).toEqual([
      [1, 2],
      [2, 5],
      [3, 3],
      [2, 6],
    ]);
    expect(mallOf(second, 1)).toEqual(mallOf(first, 1));
    expect(mallOf(second, 2)).toMatchObject({ attemptWish: 3, executionId: runOf(second, 2).executionId });
    expect(mallOf(second, 3)).toEqual(mallOf(first, 3));
    await fail(database, runOf(second, 3).executionId);
    const third = await ledger.admit(mallSync, { ...spec, attemptCount: 3 });
    expect(runOf(third, 3)).toMatchObject({ attemptCount: 4, status: 'REQUESTED' });
    expect(mallOf(third, 3).attemptWish).toBe(3);
  });

  test('looks again at what was refused or complete already', async () => {
    const spec = aSpec({ mallIds: [1, 2] });
    const other = aMallSync();
    const held = await ledger.admit(other, spec);
    await complete(database, runOf(held, 1).executionId);
    const mallSync = aMallSync();
    await ledger.admit(mallSync, spec);
    await fail(database, runOf(held, 2).executionId);
    const state = await ledger.admit(mallSync, { ...spec, attemptCount: 2 });
    expect(mallOf(state, 1)).toMatchObject({ result: 'ALREADY_COMPLETE', attemptWish: 2 });
    expect(mallOf(state, 2)).toMatchObject({ result: 'ADMITTED', reason: null, message: null });
    expect(runOf(state, 2).attemptCount).toBe(2);
  });
});

describe('what is read', () => {
  test('a reprocess begins another reading, once, and a raised attemptCount goes on with it', async () => {
    const spec = aSpec({ mallIds: [1, 2] });
    const before = await ledger.admit(aMallSync(), spec);
    for (const { executionId } of before.runs) await complete(database, executionId);
    const mallSync = aMallSync();
    const again = { ...spec, reprocess: true, reason: 'late orders' };
    const state = await ledger.admit(mallSync, again);
    const readings = () =>
      db.query(
        `select e.mall_id, e.mode, e.reading, i.reading as current from mallsync.tb_batch_execution_summary e
         join mallsync.tb_batch_job_instance i using (instance_id) where mallsync_uid = $1 order by execution_id`,
        [mallSync.uid],
      );
    const anew = { mode: 'REPROCESS', reading: 2, current: 2 };
    expect(await readings()).toEqual([
      { mall_id: '1', ...anew },
      { mall_id: '2', ...anew },
    ]);
    await complete(database, runOf(state, 1).executionId);
    await fail(database, runOf(state, 2).executionId);
    await ledger.admit(mallSync, { ...again, attemptCount: 9 });
    expect((await readings()).slice(2)).toEqual([{ mall_id: '2', mode: 'RESUME', reading: 2, current: 2 }]);
  });

  test('a reprocess without a reason is refused', async () => {
    const spec = aSpec({ mallIds: [1] });
    await complete(database, runOf(await ledger.admit(aMallSync(), spec), 1).executionId);
    const state = await ledger.admit(aMallSync(), { ...spec, reprocess: true });
    expect(mallOf(state, 1)).toMatchObject({ result: 'REFUSED', reason: 'ConfigInvalid' });
  });

  test('a replay is admitted where rows of its groups are open', async () => {
    const spec = aSpec({ mallIds: [1, 2] });
    const before = await ledger.admit(aMallSync(), spec);
    await complete(database, runOf(before, 1).executionId, { withReject: true });
    await complete(database, runOf(before, 2).executionId);
    const other = await ledger.admit(aMallSync(), { ...spec, replay: { fingerprints: ['another'] } });
    expect(other.malls?.map(({ result }) => result)).toEqual(['REFUSED', 'REFUSED']);
    const mallSync = aMallSync();
    const state = await ledger.admit(mallSync, { ...spec, replay: { fingerprints: [] } });
    expect(state.malls?.map(({ result }) => result)).toEqual(['ADMITTED', 'REFUSED']);
    const [row] = await db.query(
      'select mode, replay_fingerprints from mallsync.tb_batch_execution_summary where mallsync_uid = $1',
      [mallSync.uid],
    );
    expect(row).toEqual({ mode: 'REPLAY', replay_fingerprints: null });
  });

  test('another attempt tries the incomplete windows again', async () => {
    const spec = aSpec({ mallIds: [1] });
    const state = await ledger.admit(aMallSync(), spec);
    const { executionId, instanceId } = runOf(state, 1);
    await complete(database, executionId);
    await db.query(`update mallsync.tb_batch_window set state = 'INCOMPLETE' where instance_id = $1`, [instanceId]);
    await db.query(`update mallsync.tb_batch_execution_summary set status = 'FAILED' where execution_id = $1`, [
      executionId,
    ]);
    await ledger.admit(aMallSync(), spec);
    const windows = await db.query(
      'select state, next_offset, rows_seen, settled_at from mallsync.tb_batch_window where instance_id = $1',
      [instanceId],
    );
    expect(windows).toEqual([{ state: 'UNSPLIT', next_offset: 0, rows_seen: '0', settled_at: null }]);
  });
});

describe('a period that is not over', () => {
  const endingIn = (ms: number) => parsePeriod('2025-01-01T00:00:00', toSeoulTime(Date.now() + ms));

  test('is refused, and leaves no instance behind', async () => {
    const mallSync = aMallSync();
    const state = await ledger.admit(mallSync, aSpec({ mallIds: [1, 78], period: endingIn(3_600_000) }));
    expect(mallOf(state, 1)).toMatchObject({ result: 'REFUSED', reason: 'PeriodOpen' });
    expect(mallOf(state, 78)).toMatchObject({ result: 'REFUSED', reason: 'ConfigInvalid' });
    expect(await db.query('select 1 from mallsync.tb_batch_job_instance where upper(period) > now()')).toEqual([]);
  });

  test('is left to be asked for again when only the clocks differ', async () => {
    const mallSync = aMallSync();
    expect(await ledger.admit(mallSync, aSpec({ period: endingIn(60_000) }))).toEqual({ malls: null, runs: [] });
    expect(await db.query('select 1 from mallsync.tb_mallsync where mallsync_uid = $1', [mallSync.uid])).toEqual([]);
  });
});

test('an admission whose answer was lost is found when it is asked for again', async () => {
  const broken = await db.open();
  const epoch = 1;
  await db.query(`insert into mallsync.tb_controller_epoch (installation_id, epoch) values ('broken', 1)`);
  const term = { database: broken, installationId: 'broken', namespace: 'batch', epoch };
  const mallSync = aMallSync();
  const spec = aSpec({ attemptCount: 1 });
  const losing = createControllerLedger({
    ...term,
    database: {
      ...broken,
      withSession: async (work) => {
        await broken.withSession(work);
        throw new Error('the answer was lost');
      },
    },
  });
  await expect(losing.admit(mallSync, spec)).rejects.toThrow('lost');
  const state = await createControllerLedger(term).admit(mallSync, spec);
  expect(state.runs.map(({ attemptCount }) => attemptCount)).toEqual([1, 1, 1]);
});
