import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../support/api-server-door.ts';
import { createLedWorld } from '../support/led-world.ts';
import type { SeenJob } from '../support/test-kubelet-record.ts';

const LIMIT = 6;
const PACED = { MALLSYNC_JOB_LIMIT: String(LIMIT), MALLSYNC_JOBS_PER_SECOND: '0' };

const world = await createLedWorld({ environment: PACED });
let controller = world.controller;

const listJobsOf = (name: string): readonly SeenJob[] =>
  world.kubelet.record.list().filter(({ mallSync }) => mallSync === name);

const countUnfinished = (name: string): number => listJobsOf(name).filter(({ isFinished }) => !isFinished).length;

/** Ends one that runs. */
async function endOne(name: string): Promise<void> {
  const [job] = listJobsOf(name).filter(({ isFinished }) => !isFinished);
  await world.kubelet.fail(job?.name ?? '');
  await world.kubelet.waitUntil(({ find }) => find(job?.name ?? '')?.isFinished === true);
}

const isActive =
  (count: number) =>
  (seen: KubeObject): boolean =>
    seen?.status?.malls?.active === count;

describe('Jobs at once', () => {
  test('never pass the parallelism, nor the limit of the installation over all MallSyncs', async () => {
    const mallIds = await world.addMalls(24);
    world.play(mallIds, ({ mallId }) => ({ runMs: 40 + ((mallId * 37) % 160) }));
    const names = ['narrow', 'wide', 'wider'];
    await Promise.all([
      world.create('narrow', { mallIds: mallIds.slice(0, 8), parallelism: 2 }),
      world.create('wide', { mallIds: mallIds.slice(8, 16), parallelism: 4 }),
      world.create('wider', { mallIds: mallIds.slice(16) }),
    ]);
    const ended = await Promise.all(names.map((name) => world.waitForEnd(name)));
    for (const { status } of ended) expect(status.malls).toMatchObject({ total: 8, succeeded: 8 });
    const { findMostUnfinished } = world.kubelet.record;
    expect(findMostUnfinished('narrow')).toBe(2);
    expect(findMostUnfinished('wide')).toBeLessThanOrEqual(4);
    expect(findMostUnfinished()).toBe(LIMIT);
  });

  test('follow a parallelism that is changed while they run', async () => {
    const mallIds = await world.addMalls(6);
    world.play(mallIds, null);
    await world.create('changing', { mallIds, parallelism: 1 });
    const one = await world.waitFor('changing', isActive(1));
    expect(one.status.explanation).toContain('5 wait: its parallelism is 1.');
    await world.change('changing', { parallelism: 3 });
    await world.waitFor('changing', isActive(3));
    await world.change('changing', { parallelism: 2 });
    await world.waitFor('changing', (seen) => seen.status.observedGeneration === seen.metadata.generation);
    await endOne('changing');
    const two = await world.waitFor('changing', (seen) => seen?.status?.malls?.failed === 1);
    expect(two.status.malls).toMatchObject({ active: 2, waiting: 3 });
    expect(world.kubelet.record.findMostUnfinished('changing')).toBe(3);
    await endOne('changing');
    await world.waitFor('changing', (seen) => seen?.status?.malls?.failed === 2 && isActive(2)(seen));
    await world.change('changing', { cancel: true });
    await world.waitForEnd('changing');
  });

  test('go to a re-run first, though a back-fill that came before fills the limit', async () => {
    const mallIds = await world.addMalls(LIMIT + 4);
    const [older, newer] = [mallIds.slice(0, LIMIT + 2), mallIds.slice(LIMIT + 2)];
    world.play(mallIds, null);
    await world.create('backfill', { mallIds: older, trigger: 'BACKFILL' });
    await world.waitFor('backfill', isActive(LIMIT));
    await world.create('urgent', { mallIds: newer, trigger: 'RERUN' });
    const waiting = await world.waitFor('urgent', (seen) => seen?.status?.malls?.waiting === 2);
    expect(waiting.status.explanation).toContain(`${LIMIT} of ${LIMIT} Jobs run in this installation`);
    await endOne('backfill');
    await world.waitFor('urgent', isActive(1));
    expect(countUnfinished('backfill')).toBe(LIMIT - 1);
    await endOne('backfill');
    await world.waitFor('urgent', isActive(2));
    expect(countUnfinished('backfill')).toBe(LIMIT - 2);
    expect(listJobsOf('backfill')).toHaveLength(LIMIT);
    await endOne('backfill');
    await world.kubelet.waitUntil(() => listJobsOf('backfill').length === LIMIT + 1);
    for (const name of ['urgent', 'backfill']) await world.change(name, { cancel: true });
    for (const name of ['urgent', 'backfill']) await world.waitForEnd(name);
  });

  test('are shared by MallSyncs of one priority', async () => {
    const mallIds = await world.addMalls(2 * LIMIT);
    world.play(mallIds, null);
    await world.create('first', { mallIds: mallIds.slice(0, LIMIT) });
    await world.waitFor('first', isActive(LIMIT));
    await world.create('second', { mallIds: mallIds.slice(LIMIT) });
    await world.waitFor('second', (seen) => seen?.status?.malls?.waiting === LIMIT);
    await world.change('first', { attemptCount: 2 });
    for (let served = 1; served <= LIMIT / 2; served++) {
      await endOne('first');
      await world.waitFor('second', isActive(served));
    }
    await endOne('first');
    await world.kubelet.waitUntil(() => listJobsOf('first').length === LIMIT + 1);
    expect([countUnfinished('first'), countUnfinished('second')]).toEqual([LIMIT / 2, LIMIT / 2]);
    for (const name of ['first', 'second']) await world.change(name, { cancel: true });
    for (const name of ['first', 'second']) await world.waitForEnd(name);
  });

  test('never pass them while another leader takes over', async () => {
    const mallIds = await world.addMalls(20);
    world.play(mallIds, ({ mallId }) => ({ runMs: 100 + ((mallId * 37) % 200) }));
    const standby = world.startController(PACED);
    await standby.waitForError(/leader observed/);
    await world.create('handover', { mallIds, parallelism: 5 });
    await world.kubelet.waitUntil(() => listJobsOf('handover').some(({ isFinished }) => isFinished));
    controller.process.kill('SIGTERM');
    expect((await controller.finished).exitCode).toBe(0);
    controller = standby;
    const ended = await world.waitForEnd('handover');
    expect(ended.status.malls).toMatchObject({ total: 20, succeeded: 20 });
    const { record } = world.kubelet;
    expect(record.findMostUnfinished('handover')).toBe(5);
    expect(record.findMostUnfinished()).toBe(LIMIT);
    for (const { executionId } of listJobsOf('handover')) expect(record.countByExecution().get(executionId)).toBe(1);
    expect(listJobsOf('handover')).toHaveLength(20);
  });
});
