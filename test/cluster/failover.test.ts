import { expect, test } from 'vitest';
import { createClusterWorld } from '../support/cluster-world.ts';
import { awaitLead, awaitStandby, countRuns, isFinished, listTwice, readEpoch } from '../support/leader-scene.ts';
import { killHard } from '../support/process-signals.ts';
import type { TestKubelet } from '../support/test-kubelet.ts';

const MALLS = 200;
const LIMIT = 40;
const PARALLELISM = 30;
/** What the standby may take by itself; nobody helps it. */
const PATIENCE_MS = 30_000;

/** Two hundred Jobs are played, on a machine that others use too. */
const PATIENCE = { timeout: 180_000 };

const world = await createClusterWorld();
const environment = { MALLSYNC_JOBS_PER_SECOND: '40', MALLSYNC_JOB_LIMIT: String(LIMIT) };

/** Jobs whose outcome was recorded. */
function countReleased({ list }: TestKubelet['record']): number {
  return list().filter(({ object }) => object.metadata.finalizers === undefined).length;
}

test(
  'a leader killed in mid-launch is followed by the standby: no Job twice, limits held, all finish',
  PATIENCE,
  async () => {
    const kubelet = await world.startKubelet({ play: () => ({ runMs: 100 }) });
    const halves = [await world.addMalls(MALLS / 2), await world.addMalls(MALLS / 2)];
    const leader = world.startController(environment);
    const epoch = await awaitLead(leader);
    const standby = world.startController(environment);
    await awaitStandby(standby);
    const names = ['one', 'other'];
    for (const [index, name] of names.entries()) {
      await world.create(name, { mallIds: halves[index], parallelism: PARALLELISM });
    }
    await kubelet.waitUntil(({ countByName }) => countByName().size >= MALLS / 2);

    expect(await killHard(leader)).toBe(true);
    const killedAtMs = performance.now();
    const [before, releasedBefore] = [kubelet.record.countByName().size, countReleased(kubelet.record)];
    expect(before).toBeLessThan(MALLS);
    const laterEpoch = await awaitLead(standby);
    const ledMs = performance.now() - killedAtMs;
    await kubelet.waitUntil((record) => record.countByName().size > before || countReleased(record) > releasedBefore);
    const wroteMs = performance.now() - killedAtMs;
    process.stdout.write(
      `killed after ${before} of ${MALLS} Jobs: the standby led after ${Math.round(ledMs)} ms and wrote after ${Math.round(wroteMs)} ms\n`,
    );
    expect(wroteMs).toBeLessThan(PATIENCE_MS);
    expect(laterEpoch).toBe(epoch + 1);

    for (const name of names) {
      const { status } = await world.waitFor(name, isFinished);
      expect(status.malls).toMatchObject({ total: MALLS / 2, succeeded: MALLS / 2, failed: 0 });
      expect(await countRuns(world, name)).toEqual({ COMPLETED: MALLS / 2 });
      expect(kubelet.record.findMostUnfinished(name)).toBeLessThanOrEqual(PARALLELISM);
    }
    expect(kubelet.record.countByExecution().size).toBe(MALLS);
    expect(listTwice(kubelet.record.countByExecution())).toEqual([]);
    expect(listTwice(kubelet.record.countByName())).toEqual([]);
    expect(kubelet.record.findMostUnfinished()).toBeLessThanOrEqual(LIMIT);
    for (const { metadata } of await world.listJobs()) expect(metadata.finalizers).toBeUndefined();
    expect(await readEpoch(world)).toBe(laterEpoch);
  },
);
