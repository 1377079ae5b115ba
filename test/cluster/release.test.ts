import { describe, expect, test } from 'vitest';
import { createClusterWorld } from '../support/cluster-world.ts';
import { AT_ONCE, awaitLead, countRuns, SLOWLY } from '../support/leader-scene.ts';
import { until } from '../support/process-signals.ts';

const MALLS = 60;
const EX_TEMPFAIL = 75;

const world = await createClusterWorld();
const kubelet = await world.startKubelet({ play: () => ({ end: null, sync: { kind: 'held' } }) });

async function release() {
  const { exitCode, stderr } = await world.start(['controller', '--release']).finished;
  const [, said] = /(\{[^\n]*"released"\})/.exec(stderr) ?? [];
  return { exitCode, stderr, report: said === undefined ? null : JSON.parse(said) };
}

describe('controller --release', () => {
  test('beside a running controller stops everything, and bars that controller from writing', async () => {
    const controller = world.startController(SLOWLY);
    await awaitLead(controller);
    await world.create('night', { mallIds: await world.addMalls(MALLS), parallelism: MALLS });
    await kubelet.waitUntil(({ list }) => list().length > 20);
    const { exitCode, report } = await release();
    expect(exitCode).toBe(0);
    expect(report).toMatchObject({ stopped: MALLS, left: 0 });
    expect(await countRuns(world, 'night')).toEqual({ STOPPED: MALLS });
    expect(await world.listJobs()).toEqual([]);
    await world.create('too-late', { mallIds: await world.addMalls(1) });
    expect(await controller.finished).toMatchObject({ exitCode: EX_TEMPFAIL });
    expect(await countRuns(world, 'too-late')).toEqual({});
    await world.delete('too-late');
  });

  test('done again has nothing to do', async () => {
    const { exitCode, report } = await release();
    expect(exitCode).toBe(0);
    expect(report).toMatchObject({ stopped: 0, deleted: 0, left: 0 });
  });

  test('without a controller lets go of what one left, whose outcome is then known', async () => {
    const controller = world.startController(AT_ONCE);
    await awaitLead(controller);
    await world.create('left', { mallIds: await world.addMalls(5), parallelism: 3 });
    await until('three to run', async () => (await countRuns(world, 'left'))['RUNNING'] === 3);
    controller.process.kill('SIGKILL');
    await controller.finished;
    const { exitCode, report } = await release();
    expect(exitCode).toBe(0);
    expect(report).toMatchObject({ stopped: 5, deleted: 3, left: 0 });
    expect(await countRuns(world, 'left')).toEqual({ STOPPED: 5 });
    expect(await world.listJobs()).toEqual([]);
  });
});
