import { expect, test } from 'vitest';
import { conditionOf, createLedWorld } from '../support/led-world.ts';

const world = await createLedWorld({ environment: { MALLSYNC_JOB_QUEUE: 'nightly' } });

test('a Job that waits for its quota is left alone, is said to wait, and runs when it is let go', async () => {
  const mallIds = await world.addMalls(2);
  await world.create('queued', { mallIds });
  const jobs = await Promise.all(mallIds.map((mallId) => world.waitForJob(mallId)));
  const waiting = await world.waitFor('queued', (seen) => conditionOf(seen, 'Progressing')[1] === 'WaitingForQuota');
  expect(conditionOf(waiting, 'Progressing')[0]).toBe('False');
  expect(waiting.status.malls).toMatchObject({ total: 2, active: 2 });
  expect(waiting.status.explanation).toContain('2 wait for their quota (suspended).');
  expect(conditionOf(waiting, 'Degraded')[0]).toBe('False');
  for (const { object } of jobs) {
    expect(object.metadata.labels['kueue.x-k8s.io/queue-name']).toBe('nightly');
    expect(object.spec.suspend).toBe(true);
  }
  const [first, second] = jobs;
  await world.kubelet.suspend(first?.name ?? '', false);
  const half = await world.waitFor('queued', (seen) => seen?.status?.malls?.succeeded === 1);
  expect(half.status.explanation).toContain('1 waits for its quota (suspended).');
  const left = await world.readJob(second?.name ?? '');
  expect(left.metadata.resourceVersion).toBe(second?.object.metadata.resourceVersion);
  await world.kubelet.suspend(second?.name ?? '', false);
  const ended = await world.waitForEnd('queued');
  expect(ended.status.malls).toMatchObject({ total: 2, succeeded: 2 });
  expect(ended.status.explanation).toBe('All 2 malls are done.');
});
