import { describe, expect, test } from 'vitest';
import { totalOf } from '../integration/controller/ledger-fixture.ts';
import { conditionOf, createLedWorld } from '../support/led-world.ts';
import { playSync } from '../support/sync-stand-in.ts';

const world = await createLedWorld();
const jobs = `/apis/batch/v1/namespaces/${world.namespace}/jobs`;
const lease = `/apis/coordination.k8s.io/v1/namespaces/${world.namespace}/leases/mallsync-controller`;
const PERIOD = '20251201t000000-20251217t235959';

const isThere = (name: string): boolean => world.kubelet.record.find(name) !== undefined;

describe('the name of a Job', () => {
  test('that somebody else has fails its mall, and his Job stays as it is', async () => {
    const [mine = 0, other = 0] = await world.addMalls(2);
    const name = `ms-member-${mine}-${PERIOD}-1`;
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'theirs', image: 'none' }] } };
    const foreign = await world.client.request('POST', jobs, {
      metadata: { name, labels: { 'app.kubernetes.io/name': 'theirs' } },
      spec: { template, suspend: true },
    });
    const mallSync = await world.runToEnd('conflict', { mallIds: [mine, other] });
    const message = `a Job named ${name} exists that is not of this execution`;
    expect(mallSync.status.malls).toMatchObject({ total: 2, succeeded: 1, failed: 1 });
    expect(mallSync.status.failures).toMatchObject([{ mallId: mine, reason: 'ConfigInvalid', message, attempt: 1 }]);
    expect(await world.readJob(name)).toEqual(foreign);
  });

  test('is the one of the Job that a leader made and did not live to note', async () => {
    const [mallId = 0] = await world.addMalls(1);
    world.play([mallId], null);
    await world.create('adopted', { mallIds: [mallId] });
    const job = await world.waitForJob(mallId);
    const launched = async (): Promise<boolean> => (await world.listRuns('adopted'))[0]?.isLaunched === true;
    await expect.poll(launched).toBe(true);
    world.controller.process.kill('SIGKILL');
    await world.controller.finished;
    await world.database.query(
      'update mallsync.tb_batch_execution_summary set launched_at = null, job_name = null where execution_id = $1',
      [job.executionId],
    );
    await world.client.request('DELETE', lease);
    await world.startController().waitForError(/"leading"/);
    await expect.poll(launched, { timeout: 20_000 }).toBe(true);
    await world.kubelet.start(job.name);
    await playSync(await world.database.open(), job.executionId, { kind: 'completed' });
    await world.kubelet.complete(job.name);
    const mallSync = await world.waitForEnd('adopted');
    expect(mallSync.status.malls).toMatchObject({ total: 1, succeeded: 1 });
    expect(world.kubelet.record.countByName().get(job.name)).toBe(1);
    expect(world.kubelet.record.countByExecution().get(job.executionId)).toBe(1);
    expect((await world.listRuns('adopted'))[0]).toMatchObject({ jobName: job.name, isRecorded: true });
  });
});

describe('a Job that is deleted by hand', () => {
  test('is lost, whichever way it goes, and runs again only when attemptCount is raised', async () => {
    const mallIds = await world.addMalls(4);
    const [background = 0, foreground = 0, forced = 0, forcedSettled = 0] = mallIds;
    const before = await totalOf(world.database, 'outcome_disagreements_total', { case: 'job_gone_row_live' });
    world.play(mallIds, ({ mallId, attemptCount }) => {
      if (attemptCount > 1) return {};
      return mallId === forcedSettled ? { end: null, sync: { kind: 'completed' } } : { end: null };
    });
    await world.create('deleted', { mallIds, attemptCount: 1 });
    const found = await Promise.all(mallIds.map((mallId) => world.waitForJob(mallId, 1)));
    const nameOf = (mallId: number): string => found.find((job) => job.mallId === mallId)?.name ?? '';
    const isRead = async (): Promise<boolean> =>
      (await world.listRuns('deleted')).some(
        ({ mallId, status }) => mallId === forcedSettled && status === 'COMPLETED',
      );
    await expect.poll(isRead, { timeout: 20_000 }).toBe(true);

    const remove = (mallId: number, propagation: string): Promise<unknown> =>
      world.client.request('DELETE', `${jobs}/${nameOf(mallId)}?propagationPolicy=${propagation}`);
    for (const mallId of [forced, forcedSettled]) {
      await world.client.request('PATCH', `${jobs}/${nameOf(mallId)}`, { metadata: { finalizers: null } });
      await remove(mallId, 'Background');
    }
    await remove(background, 'Background');
    await remove(foreground, 'Foreground');
    // launches go on meanwhile
    await world.runToEnd('meanwhile', { mallIds: await world.addMalls(1) });

    const mallSync = await world.waitForEnd('deleted');
    expect(mallSync.status.malls).toMatchObject({ total: 4, succeeded: 1, failed: 3 });
    expect(mallSync.status.failures).toMatchObject([
      { mallId: background, reason: 'Lost', message: 'its Job was deleted' },
      { mallId: foreground, reason: 'Lost', message: 'its Job was deleted' },
      { mallId: forced, reason: 'Lost', message: 'its Job is gone' },
    ]);
    expect(conditionOf(mallSync, 'Succeeded')).toEqual(['False', 'Lost']);
    await world.kubelet.waitUntil(() => found.every(({ name }) => !isThere(name)));
    for (const { name } of found) expect(world.kubelet.record.countByName().get(name)).toBe(1);
    const lost = await totalOf(world.database, 'outcome_disagreements_total', { case: 'job_gone_row_live' });
    expect(lost - before).toBe(3);

    await world.change('deleted', { attemptCount: 2 });
    const again = await world.waitForEnd('deleted');
    expect(again.status.malls).toMatchObject({ total: 4, succeeded: 4, failed: 0 });
    const runs = await world.listRuns('deleted');
    expect(runs.filter(({ attemptCount }) => attemptCount === 2).map(({ mallId }) => mallId)).toEqual([
      background,
      foreground,
      forced,
    ]);
  });
});
