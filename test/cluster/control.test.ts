import { describe, expect, test } from 'vitest';
import { createLedger } from '../../src/adapters/postgres/ledger.ts';
import { LeaseLostError } from '../../src/domain/errors.ts';
import { claim, totalOf } from '../integration/controller/ledger-fixture.ts';
import { aPage, aRow, createProbeTable, probeStore } from '../support/database-probe.ts';
import { conditionOf, createLedWorld } from '../support/led-world.ts';
import { playSync } from '../support/sync-stand-in.ts';

const world = await createLedWorld({
  environment: { MALLSYNC_SUCCEEDED_JOB_TTL_SECONDS: '0' },
  kubelet: { deletesAfterTtl: true, collectsGarbage: true },
});
await createProbeTable(world.database);
const database = await world.database.open();

const listReasons = async (name: string) => (await world.listEvents(name)).map(([, reason]) => reason);

describe('suspend', () => {
  test('at creation: nothing is admitted before it is resumed', async () => {
    const mallIds = await world.addMalls(2);
    await world.create('held', { mallIds, suspend: true });
    const held = await world.waitFor('held', (seen) => seen?.status !== undefined);
    expect(held.status.explanation).toBe('It is suspended until spec.suspend is false.');
    expect(held.status.malls).toMatchObject({ total: 2, waiting: 2 });
    expect(conditionOf(held, 'Admitted')).toEqual(['False', 'Suspended']);
    expect(await world.listRuns('held')).toEqual([]);
    await world.change('held', { suspend: false });
    expect((await world.waitForEnd('held')).status.malls).toMatchObject({ total: 2, succeeded: 2 });
  });

  test('in mid-run: what runs goes on, nothing new begins until it is resumed', async () => {
    const mallIds = await world.addMalls(3);
    const [first = 0] = mallIds;
    world.play([first], null);
    await world.create('paused', { mallIds, parallelism: 1 });
    const job = await world.waitForJob(first);
    await world.change('paused', { suspend: true });
    const pausing = await world.waitFor(
      'paused',
      (seen) => conditionOf(seen, 'Progressing')[1] === 'Suspending' && seen.status.malls.active === 1,
    );
    expect(conditionOf(pausing, 'Progressing')).toEqual(['True', 'Suspending']);
    await playSync(database, job.executionId, { kind: 'completed' });
    await world.kubelet.complete(job.name);
    const paused = await world.waitFor('paused', (seen) => conditionOf(seen, 'Progressing')[1] === 'Suspended');
    expect(paused.status.malls).toMatchObject({ total: 3, succeeded: 1, waiting: 2 });
    expect(paused.status.explanation).toContain('it is suspended');
    expect((await world.listRuns('paused')).filter(({ isLaunched }) => isLaunched)).toHaveLength(1);
    await world.change('paused', { suspend: false });
    const ended = await world.waitForEnd('paused');
    expect(ended.status.malls).toMatchObject({ total: 3, succeeded: 3 });
    expect(world.kubelet.record.findMostUnfinished('paused')).toBe(1);
    await expect.poll(() => listReasons('paused')).toEqual(expect.arrayContaining(['Suspended', 'Resumed']));
    expect((await listReasons('paused')).filter((reason) => reason === 'Suspended')).toHaveLength(1);
  });
});

describe('cancel', () => {
  test('stops what runs and what waits; whoever still runs writes nothing more', async () => {
    const mallIds = await world.addMalls(3);
    world.play(mallIds, null);
    await world.create('cancelled', { mallIds, parallelism: 2 });
    const [running] = await Promise.all(mallIds.slice(0, 2).map((mallId) => world.waitForJob(mallId)));
    await world.waitFor('cancelled', (seen) => seen?.status?.malls?.active === 2);
    const execution = await claim(database, running?.executionId ?? 0);
    const ledger = createLedger({ database, store: probeStore });
    const { fromMs, untilMs } = execution.period;
    await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
    await ledger.openWindow(execution, 1, 2);

    await world.change('cancelled', { cancel: true });
    const ended = await world.waitForEnd('cancelled');
    expect(ended.status.malls).toMatchObject({ total: 3, stopped: 3, active: 0, waiting: 0 });
    expect(conditionOf(ended, 'Succeeded')).toEqual(['False', 'Stopped']);
    expect(conditionOf(ended, 'Degraded')[0]).toBe('False');
    expect(ended.status.explanation).toBe('3 of 3 malls stopped: it was cancelled.');
    await expect(ledger.commitPage(execution, aPage([aRow('1|late')]))).rejects.toThrow(LeaseLostError);
    expect(await world.database.query('select from mallsync.tb_probe')).toEqual([]);

    await world.kubelet.waitUntil(({ list }) => list().every(({ mallSync }) => mallSync !== 'cancelled'));
    const runs = await world.listRuns('cancelled');
    expect(runs).toHaveLength(3);
    for (const run of runs) {
      expect(run).toMatchObject({ status: 'STOPPED', message: 'its MallSync was cancelled', isRecorded: true });
    }
    expect(runs.map(({ isLaunched }) => isLaunched)).toEqual([true, true, false]);
    expect(runs[0]?.fenceToken).toBe(execution.fenceToken + 1);
    expect(await totalOf(world.database, 'runs_total', { reason: 'Stopped' })).toBe(3);
  });

  test('before admission: it ends, and no execution was ever made', async () => {
    const mallIds = await world.addMalls(2);
    await world.create('never', { mallIds, suspend: true });
    await world.waitFor('never', (seen) => seen?.status !== undefined);
    await world.change('never', { cancel: true });
    const ended = await world.waitForEnd('never');
    expect(ended.status.malls).toMatchObject({ total: 2, stopped: 2 });
    expect(ended.status.explanation).toBe('It was cancelled before it was admitted.');
    expect(await world.listRuns('never')).toEqual([]);
  });
});

describe('admission', () => {
  test('refuses a period that is not over, for good', async () => {
    const mallIds = await world.addMalls(2);
    const ended = await world.runToEnd('future', { mallIds, endDate: '2999-01-01T00:00:00' });
    expect(ended.status.malls).toMatchObject({ total: 2, refused: 2 });
    expect(conditionOf(ended, 'Succeeded')).toEqual(['False', 'PeriodOpen']);
    expect(ended.status.explanation).toMatch(/^Its period ends at 2999-01-01T00:00:00 \(Asia\/Seoul\)/);
    expect(await world.listRuns('future')).toEqual([]);
    await expect.poll(() => listReasons('future')).toContain('Refused');
  });

  test('refuses a mall that nobody knows, and reads an inactive one that is named', async () => {
    const [inactive = 0] = await world.addMalls(1);
    await world.database.query('update mallsync.tb_mall_config set active = false where mall_id = $1', [inactive]);
    const ended = await world.runToEnd('named', { mallIds: [inactive, 999_999] });
    expect(ended.status.malls).toMatchObject({ total: 2, succeeded: 1, refused: 1 });
    expect(ended.status.failures).toEqual([
      { mallId: 999_999, reason: 'ConfigInvalid', message: 'there is no mall 999999; see `mallsync malls list`' },
    ]);
    expect(conditionOf(ended, 'Degraded')).toEqual(['True', 'ConfigInvalid']);
    await expect.poll(() => listReasons('named')).toContain('MallRefused');
  });

  test('takes the active malls of the domain type when none are named, once and for all', async () => {
    const mallIds = await world.addMalls(4);
    const [inactive = 0, other = 0, ...active] = mallIds;
    const set = (sql: string, values: readonly unknown[] = []) =>
      world.database.query(`update mallsync.tb_mall_config set ${sql}`, values);
    await set(`domain_types = '{MEMBER}'`);
    await set(`domain_types = '{SALES}' where mall_id = any($1)`, [[inactive, ...active]]);
    await set('active = false where mall_id = $1', [inactive]);
    world.play(active, null);
    await world.create('whole', { domainType: 'SALES' });
    const jobs = await Promise.all(active.map((mallId) => world.waitForJob(mallId)));
    await set(`domain_types = '{SALES}' where mall_id = $1`, [other]);
    await Promise.all(jobs.map(({ name }) => world.kubelet.fail(name)));
    const ended = await world.waitForEnd('whole');
    expect(ended.status.malls).toMatchObject({ total: 2, failed: 2 });
    world.play(active, {});
    await world.change('whole', { attemptCount: 2 });
    await world.waitForEnd('whole');
    expect(new Set((await world.listRuns('whole')).map(({ mallId }) => mallId))).toEqual(new Set(active));
  });

  test('takes the malls that the selector fits; none is no success', async () => {
    const [chosen = 0, half = 0] = await world.addMalls(2);
    const set = (mallId: number, labels: object) =>
      world.database.query('update mallsync.tb_mall_config set labels = $2 where mall_id = $1', [
        mallId,
        JSON.stringify(labels),
      ]);
    await set(chosen, { team: 'crm', tier: '1' });
    await set(half, { team: 'crm' });
    const ended = await world.runToEnd('selected', { mallSelector: { team: 'crm', tier: '1' } });
    expect(ended.status.malls).toMatchObject({ total: 1, succeeded: 1 });
    expect((await world.listRuns('selected')).map(({ mallId }) => mallId)).toEqual([chosen]);
    const none = await world.runToEnd('nobody', { mallSelector: { team: 'none' } });
    expect(none.status.malls).toMatchObject({ total: 0 });
    expect(conditionOf(none, 'Succeeded')).toEqual(['False', 'NoMalls']);
    expect(conditionOf(none, 'Degraded')).toEqual(['True', 'NoMalls']);
  });
});

describe('what is complete', () => {
  test('is read again by a reprocess, as the next attempt', async () => {
    const mallIds = await world.addMalls(2);
    await world.runToEnd('once', { mallIds });
    const again = await world.runToEnd('twice', { mallIds, reprocess: true, reason: 'late orders' });
    expect(again.status.malls).toMatchObject({ total: 2, succeeded: 2, alreadyComplete: 0 });
    expect(again.status.rows).toMatchObject({ read: 2 });
    expect(await world.listRuns('twice')).toMatchObject([
      { mode: 'REPROCESS', attemptCount: 2 },
      { mode: 'REPROCESS', attemptCount: 2 },
    ]);
  });

  test('has its rejected rows read again by a replay of their group', async () => {
    const [mallId = 0, clean = 0] = await world.addMalls(2);
    world.play([mallId], ({ attemptCount }) => (attemptCount === 1 ? { sync: { kind: 'rejects' } } : {}));
    await world.runToEnd('rejecting', { mallIds: [mallId, clean] });
    const [group] = await world.database.query<{ fingerprint: string }>(
      'select distinct fingerprint from mallsync.tb_batch_error_log where mall_id = $1',
      [mallId],
    );
    const replay = { fingerprints: [group?.fingerprint ?? ''] };
    const replayed = await world.runToEnd('replayed', { mallIds: [mallId, clean], replay });
    expect(replayed.status.malls).toMatchObject({ total: 2, succeeded: 1, refused: 1 });
    expect(replayed.status.failures).toMatchObject([{ mallId: clean, reason: 'DuplicateRefused' }]);
    expect(await world.listRuns('replayed')).toMatchObject([{ mallId, mode: 'REPLAY', attemptCount: 2 }]);
    const unknown = await world.runToEnd('unknown', { mallIds: [mallId], replay: { fingerprints: ['MEMBER:NONE'] } });
    expect(unknown.status.malls).toMatchObject({ total: 1, refused: 1 });
  });
});

describe('what has ended', () => {
  test('does not begin again when its Jobs expire', async () => {
    const mallIds = await world.addMalls(3);
    await world.runToEnd('expiring', { mallIds });
    await world.kubelet.waitUntil(({ list }) => list().every(({ mallSync }) => mallSync !== 'expiring'));
    await world.change('expiring', { parallelism: 5 });
    const ended = await world.waitForEnd('expiring');
    expect(ended.status.malls).toMatchObject({ total: 3, succeeded: 3 });
    const runs = await world.listRuns('expiring');
    expect(runs).toHaveLength(3);
    for (const { executionId } of runs) expect(world.kubelet.record.countByExecution().get(executionId)).toBe(1);
  });

  test('goes after its time to live, and its history stays', async () => {
    const mallIds = await world.addMalls(2);
    const { metadata } = await world.create('brief', { mallIds, ttlSecondsAfterFinished: 0 });
    const readStatus = () =>
      world.read('brief').then(
        () => 200,
        ({ status }) => status,
      );
    await expect.poll(readStatus, { timeout: 20_000 }).toBe(404);
    const [last] = world.history.listStatuses('brief').slice(-1);
    expect(last.completionTime).toBeDefined();
    const rows = await world.database.query(
      `select from mallsync.tb_batch_execution_summary where mallsync_uid = $1 and status = 'COMPLETED'`,
      [metadata.uid],
    );
    expect(rows).toHaveLength(2);
    await world.kubelet.waitUntil(({ list }) => list().every(({ mallSync }) => mallSync !== 'brief'));
  });
});
