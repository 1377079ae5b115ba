import { describe, expect, test } from 'vitest';
import { createClusterWorld } from '../support/cluster-world.ts';
import { AT_ONCE, awaitLead, countRuns, listJobsOf } from '../support/leader-scene.ts';
import { until } from '../support/process-signals.ts';

const MALLS = 4;
/** Everything is claimed by its pod, and goes on until it is stopped. */
const play = () => ({ end: null, sync: { kind: 'held' } as const });

const ending = await createClusterWorld();
const staying = await createClusterWorld();

describe('a namespace that ends takes its pods first, the controller among them', () => {
  test('which stops its executions and lets go of its Jobs before it goes', async () => {
    const kubelet = await ending.startKubelet({ play });
    const controller = ending.startController(AT_ONCE);
    await awaitLead(controller);
    await ending.create('held', { mallIds: await ending.addMalls(MALLS), parallelism: 2 });
    await until('two to run', async () => (await countRuns(ending, 'held'))['RUNNING'] === 2);

    await ending.client.request('DELETE', `/api/v1/namespaces/${ending.namespace}`);
    expect(listJobsOf(kubelet, 'held')).toHaveLength(2);
    controller.process.kill('SIGTERM');
    expect(await controller.finished).toMatchObject({ exitCode: 0 });
    expect(await ending.listJobs()).toEqual([]);
    expect(await countRuns(ending, 'held')).toEqual({ STOPPED: MALLS });
  });

  test('which goes as it came when nothing ends but itself', async () => {
    await staying.startKubelet({ play });
    const controller = staying.startController(AT_ONCE);
    await awaitLead(controller);
    await staying.create('held', { mallIds: await staying.addMalls(MALLS), parallelism: 2 });
    await until('two to run', async () => (await countRuns(staying, 'held'))['RUNNING'] === 2);

    controller.process.kill('SIGTERM');
    const { exitCode, stderr } = await controller.finished;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('namespace ends') });
    expect(await staying.listJobs()).toHaveLength(2);
    expect(await countRuns(staying, 'held')).toEqual({ REQUESTED: MALLS - 2, RUNNING: 2 });
  });
});
