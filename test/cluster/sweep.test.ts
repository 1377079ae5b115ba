import { describe, expect, test } from 'vitest';
import { createClusterWorld } from '../support/cluster-world.ts';
import { applyRbac, createNamespace } from '../support/controller-account.ts';
import { AT_ONCE, awaitLead, countRuns, listJobsOf, toLeasePath } from '../support/leader-scene.ts';
import { killHard, until } from '../support/process-signals.ts';

const MALLS = 4;
/** Everything is claimed by its pod, and goes on until it is stopped. */
const play = () => ({ end: null, sync: { kind: 'held' } as const });

const world = await createClusterWorld();
const other = await createClusterWorld();

describe('what belongs to MallSyncs that are gone', () => {
  test('is stopped in one installation, and left alone in another on the same database', async () => {
    const [here, there] = await Promise.all([
      world.startKubelet({ play }),
      other.startKubelet({ play, database: await world.database.open({ poolSize: 4, writerConnections: 4 }) }),
    ]);
    const onDatabase = { ...AT_ONCE, MALLSYNC_DATABASE_URL: world.database.url };
    const [ours, theirs] = [world.startController(AT_ONCE), other.startController(onDatabase)];
    await Promise.all([awaitLead(ours), awaitLead(theirs)]);
    const [own, foreign] = [await world.addMalls(MALLS), await world.addMalls(MALLS)];
    await world.create('ours', { mallIds: own, parallelism: 2 });
    await other.create('theirs', { mallIds: foreign, parallelism: 2 });
    for (const name of ['ours', 'theirs']) {
      await until(`two of ${name} to run`, async () => (await countRuns(world, name))['RUNNING'] === 2);
    }
    // the other's controller is away: nobody but ours could have stopped what is its
    expect(await killHard(theirs)).toBe(true);
    await other.delete('theirs');
    await world.delete('ours');
    await here.waitUntil(() => listJobsOf(here, 'ours').length === 0);
    expect(await countRuns(world, 'ours')).toEqual({ STOPPED: MALLS });
    expect(await countRuns(world, 'theirs')).toEqual({ REQUESTED: 2, RUNNING: 2 });
    expect(listJobsOf(there, 'theirs')).toHaveLength(2);

    await other.client.request('DELETE', toLeasePath(other));
    await awaitLead(other.startController(onDatabase));
    await there.waitUntil(() => listJobsOf(there, 'theirs').length === 0);
    expect(await countRuns(world, 'theirs')).toEqual({ STOPPED: MALLS });
    ours.process.kill('SIGTERM');
    expect(await ours.finished).toMatchObject({ exitCode: 0 });
  });

  test('is stopped when the whole namespace went and came again, and the epochs rise on', async () => {
    const { client, namespace } = world;
    const kubelet = await world.startKubelet({ play });
    const controller = world.startController(AT_ONCE);
    const epoch = await awaitLead(controller);
    await world.create('of-old', { mallIds: await world.addMalls(MALLS), parallelism: 2 });
    await until('two to run', async () => (await countRuns(world, 'of-old'))['RUNNING'] === 2);

    // the namespace's end as its own controller goes about it: nothing more is made, everything is deleted
    await client.request('DELETE', `/api/v1/namespaces/${namespace}`);
    await world.delete('of-old');
    await client.request('DELETE', `/apis/batch/v1/namespaces/${namespace}/jobs?propagationPolicy=Background`);
    await kubelet.waitUntil(({ list }) => list().length === 0);
    expect(await countRuns(world, 'of-old')).toEqual({ STOPPED: MALLS });
    expect(await killHard(controller)).toBe(true);
    await client.request('DELETE', toLeasePath(world));
    // one that the end of the namespace came too soon for
    await world.database.query(
      `update mallsync.tb_batch_execution_summary
       set status = 'REQUESTED', ended_at = null, recorded_at = null, failure_reason = null, failure_message = null
       where execution_id = (select max(execution_id) from mallsync.tb_batch_execution_summary)`,
    );
    expect(await countRuns(world, 'of-old')).toEqual({ STOPPED: MALLS - 1, REQUESTED: 1 });
    await finalizeNamespace();

    await createNamespace(client, namespace);
    await applyRbac(client, namespace);
    await world.writeKubeconfig('mallsync-controller');
    const next = world.startController(AT_ONCE);
    expect(await awaitLead(next)).toBe(epoch + 1);
    await until('the sweep', async () => (await countRuns(world, 'of-old'))['STOPPED'] === MALLS);
    expect(await countRuns(world, 'of-old')).toEqual({ STOPPED: MALLS });
  });
});

/** Where no controllers run nobody else would. */
async function finalizeNamespace(): Promise<void> {
  const path = `/api/v1/namespaces/${world.namespace}`;
  const object = await world.client.request('GET', path);
  await world.client.request('PUT', `${path}/finalize`, { ...object, spec: { finalizers: [] } });
}
