import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { loadNightPicture } from '../../../src/adapters/postgres/read-models/night-picture.ts';
import { listRuns } from '../../../src/adapters/postgres/read-models/run-list.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addInstance, addMall, addRun, seoul, seoulMs } from './ledger-rows.ts';

const testDatabase = await createTestDatabase();
let database: Database;

/** The night that read 30 March, seen from the morning after. */
const NIGHT = '2026-03-30';
const DAYS: readonly [string, string] = ['2026-03-30', '2026-03-31'];

beforeAll(async () => {
  database = await testDatabase.open({ poolSize: 2 });
});

beforeEach(async () => {
  await testDatabase.query(
    'truncate mallsync.tb_mall_config, mallsync.tb_batch_job_instance, mallsync.tb_batch_execution_summary cascade',
  );
});

async function addNight(mallId: number, domainType: string, values: Record<string, unknown> = {}, days = DAYS) {
  const instanceId = await addInstance(testDatabase, { mallId, domainType, days });
  await addRun(testDatabase, instanceId, values);
  return instanceId;
}

const failed = (failure_reason: string) => ({ status: 'FAILED', failure_reason, failure_message: 'it did' });

async function load(at = '2026-03-31T06:00', night?: string) {
  const query = { nowMs: seoulMs(at), deadline: '07:00' };
  return await loadNightPicture(database.pool, night === undefined ? query : { ...query, night });
}

describe('a night', () => {
  it('is empty where no mall is registered', async () => {
    const picture = await load();
    expect(picture).toMatchObject({ night: NIGHT, fromMs: seoulMs(NIGHT), untilMs: seoulMs('2026-03-31') });
    expect(picture.malls).toEqual({ total: 0, done: 0, failed: 0, waiting: 0, running: 0, late: 0 });
    expect(picture.byDomain).toEqual([]);
    expect(picture.groups).toEqual([]);
    expect(picture.history).toHaveLength(14);
  });

  it('counts each mall and each of its domain types once', async () => {
    for (const mallId of [1, 2, 3, 4]) await addMall(testDatabase, mallId);
    await addMall(testDatabase, 5, { domain_types: ['MEMBER', 'ORDER'] });
    for (const domainType of ['MEMBER', 'ORDER', 'SALES']) {
      await addNight(1, domainType);
      await addNight(2, domainType, domainType === 'ORDER' ? failed('AuthFailed') : {});
      await addNight(
        3,
        domainType,
        domainType === 'ORDER' ? { status: 'RUNNING' } : { status: 'COMPLETED_WITH_REJECTS' },
      );
      await addNight(4, domainType, { status: domainType === 'SALES' ? 'WAITING' : 'REQUESTED' });
    }
    for (const domainType of ['MEMBER', 'ORDER']) await addNight(5, domainType);
    const picture = await load();
    expect(picture.malls).toEqual({ total: 5, done: 2, failed: 1, waiting: 1, running: 1, late: 0 });
    const none = { doneWithRejects: 0, failed: 0, stopped: 0, running: 0, late: 0 };
    expect(picture.byDomain).toEqual([
      { ...none, domainType: 'MEMBER', total: 5, done: 3, doneWithRejects: 1, waiting: 1 },
      { ...none, domainType: 'ORDER', total: 5, done: 2, failed: 1, running: 1, waiting: 1 },
      { ...none, domainType: 'SALES', total: 4, done: 2, doneWithRejects: 1, waiting: 1 },
    ]);
  });

  it('is late with what is not done once the deadline has passed, but not with what has failed', async () => {
    for (const mallId of [1, 2, 3, 4]) await addMall(testDatabase, mallId, { domain_types: ['MEMBER'] });
    await addNight(1, 'MEMBER', { status: 'RUNNING' });
    await addNight(2, 'MEMBER', failed('Bug'));
    await addNight(3, 'MEMBER');
    expect((await load('2026-03-31T06:59')).malls).toMatchObject({ waiting: 1, running: 1, late: 0 });
    const { malls, byDomain } = await load('2026-03-31T07:00');
    expect(malls).toEqual({ total: 4, done: 1, failed: 1, waiting: 1, running: 1, late: 2 });
    expect(byDomain).toMatchObject([{ late: 2 }]);
  });

  it('expects a mall that was added before the day ended, and a later one only where it was read', async () => {
    await addMall(testDatabase, 1, { created_at: seoul('2026-03-30T23:59'), domain_types: ['MEMBER'] });
    await addMall(testDatabase, 2, { created_at: seoul('2026-03-31'), domain_types: ['MEMBER', 'ORDER'] });
    await addNight(2, 'ORDER');
    expect((await load()).malls).toMatchObject({ total: 2, waiting: 1, done: 1 });
  });

  it('leaves inactive malls out, whatever came of their runs', async () => {
    await addMall(testDatabase, 1, { active: false });
    await addNight(1, 'MEMBER', failed('Bug'));
    const picture = await load();
    expect(picture.malls.total).toBe(0);
    expect(picture.groups).toEqual([]);
  });

  it('counts the latest execution, of whatever trigger, and passes over replays', async () => {
    for (const mallId of [1, 2, 3]) await addMall(testDatabase, mallId, { domain_types: ['MEMBER'] });
    const mended = await addNight(1, 'MEMBER', failed('AuthFailed'));
    await addRun(testDatabase, mended, { trigger: 'RERUN' });
    const failedAgain = await addNight(2, 'MEMBER');
    await addRun(testDatabase, failedAgain, { ...failed('Bug'), mode: 'REPROCESS', trigger: 'RERUN' });
    const replayed = await addNight(3, 'MEMBER', { status: 'COMPLETED_WITH_REJECTS', trigger: 'LOCAL' });
    await addRun(testDatabase, replayed, { ...failed('Bug'), mode: 'REPLAY', trigger: 'RERUN' });
    const picture = await load();
    expect(picture.malls).toMatchObject({ total: 3, done: 2, failed: 1 });
    expect(picture.groups).toEqual([{ reason: 'Bug', malls: 1, executions: 1, domainTypes: ['MEMBER'] }]);
  });

  it('takes a look-back of several days and another spelling of the end, and no part of the day', async () => {
    for (const mallId of [1, 2, 3, 4]) await addMall(testDatabase, mallId, { domain_types: ['ORDER'] });
    await addNight(1, 'ORDER', {}, ['2026-03-28', '2026-03-31']);
    const spelled = await addNight(2, 'ORDER', {}, ['2026-03-30', '2026-03-31']);
    const end = ['2026-03-30T23:59:59', spelled];
    await testDatabase.query(
      'update mallsync.tb_batch_execution_summary set end_date = $1 where instance_id = $2',
      end,
    );
    const half = await addNight(3, 'ORDER', {}, ['2026-03-30', '2026-03-31']);
    const start = ['2026-03-30T12:00:00', half];
    await testDatabase.query(
      'update mallsync.tb_batch_execution_summary set start_date = $1 where instance_id = $2',
      start,
    );
    await addNight(4, 'ORDER', {}, ['2026-03-30', '2026-04-01']);
    expect((await load()).malls).toMatchObject({ total: 4, done: 2, waiting: 2 });
    const { rows } = await listRuns(database.pool, { night: NIGHT }, { sort: 'newest', limit: 50 });
    expect(rows.map(({ mallId }) => mallId)).toEqual([2, 1]);
  });

  it('groups failures by reason, that of most malls first', async () => {
    for (const mallId of [1, 2, 3]) await addMall(testDatabase, mallId);
    for (const domainType of ['MEMBER', 'SALES']) await addNight(1, domainType, failed('AuthFailed'));
    await addNight(2, 'SALES', failed('AuthFailed'));
    await addNight(2, 'ORDER', { status: 'STOPPED', failure_reason: 'Stopped' });
    await addNight(3, 'ORDER', { status: 'ABANDONED', failure_reason: 'Lost' });
    const picture = await load();
    expect(picture.groups).toEqual([
      { reason: 'AuthFailed', malls: 2, executions: 3, domainTypes: ['MEMBER', 'SALES'] },
      { reason: 'Lost', malls: 1, executions: 1, domainTypes: ['ORDER'] },
      { reason: 'Stopped', malls: 1, executions: 1, domainTypes: ['ORDER'] },
    ]);
    expect(picture.malls).toMatchObject({ failed: 3 });
    expect(picture.byDomain.find(({ domainType }) => domainType === 'ORDER')).toMatchObject({ failed: 1, stopped: 1 });
  });

  it('shows the 14 nights before it, as they stand now', async () => {
    for (const mallId of [1, 2]) await addMall(testDatabase, mallId, { domain_types: ['MEMBER', 'ORDER'] });
    await addNight(1, 'MEMBER', failed('Bug'), ['2026-03-29', '2026-03-30']);
    await addNight(1, 'ORDER', {}, ['2026-03-27', '2026-03-30']);
    for (const domainType of ['MEMBER', 'ORDER']) await addNight(2, domainType, {}, ['2026-03-29', '2026-03-30']);
    const mended = await addNight(1, 'MEMBER', failed('Bug'), ['2026-03-16', '2026-03-17']);
    await addRun(testDatabase, mended);
    await addNight(1, 'MEMBER', failed('Bug'), ['2026-03-15', '2026-03-16']);
    await addNight(1, 'MEMBER', { status: 'RUNNING' }, ['2026-03-20', '2026-03-21']);
    const { history } = await load();
    expect(history).toHaveLength(14);
    expect(history[0]).toEqual({ night: '2026-03-16', done: 1, failed: 0 });
    expect(history.at(-1)).toEqual({ night: '2026-03-29', done: 1, failed: 1 });
    expect(history.filter(({ done, failed: count }) => done + count > 0)).toHaveLength(2);
  });

  it('is any night that is asked for', async () => {
    await addMall(testDatabase, 1, { domain_types: ['MEMBER'] });
    await addNight(1, 'MEMBER', {}, ['2026-02-28', '2026-03-01']);
    expect(await load('2026-03-31T06:00', '2026-02-28')).toMatchObject({ night: '2026-02-28', malls: { done: 1 } });
    await expect(load('2026-03-31T06:00', '2026-02-30')).rejects.toMatchObject({
      reason: 'ConfigInvalid',
      message: expect.stringContaining('night') as unknown,
    });
  });
});
