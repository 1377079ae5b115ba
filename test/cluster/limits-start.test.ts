import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../support/api-server-door.ts';
import { conditionOf, createLedWorld } from '../support/led-world.ts';
import { buildPodStatus, toTime, type PodScene } from '../support/test-kubelet-pods.ts';

const DEADLINE_SECONDS = 30;

const world = await createLedWorld({ environment: { MALLSYNC_START_DEADLINE_SECONDS: String(DEADLINE_SECONDS) } });
const pods = `/api/v1/namespaces/${world.namespace}/pods`;

const isDegraded = (seen: KubeObject): boolean => conditionOf(seen ?? {}, 'Degraded')[0] === 'True';

/** As if the pod had shown it since before the deadline. */
async function showForLong(podName: string, scene: PodScene, message: string): Promise<void> {
  const pod = await world.client.request('GET', `${pods}/${podName}`);
  const status: KubeObject = buildPodStatus(pod, scene);
  const since = toTime(Date.now() - 2 * DEADLINE_SECONDS * 1_000);
  if (scene.kind === 'image-pull') {
    status.startTime = since;
    for (const container of status.containerStatuses) container.state.waiting.message = message;
  }
  for (const condition of status.conditions ?? []) Object.assign(condition, { lastTransitionTime: since, message });
  await world.client.request('PATCH', `${pods}/${podName}/status`, { status });
}

describe('a Job whose pod cannot start', () => {
  test.each([
    [{ kind: 'image-pull' }, 'ImagePull', 'Back-off pulling image', 'Check the image name and the pull secret.'],
    [{ kind: 'unschedulable' }, 'Unschedulable', '0/3 nodes are available', 'Make room in the cluster'],
  ] as const)('for %j is explained at once, and given up after the deadline', async (scene, reason, told, advice) => {
    const [mallId = 0, other = 0] = await world.addMalls(2);
    const name = `start-${scene.kind}`;
    world.play([mallId], null);
    await world.create(name, { mallIds: [mallId, other] });
    const job = await world.waitForJob(mallId);
    await world.waitFor(name, (seen) => seen?.status?.malls?.succeeded === 1);
    const podName = await world.kubelet.showPod(job.name, scene);

    const stuck = await world.waitFor(name, isDegraded);
    expect(conditionOf(stuck, 'Degraded')).toEqual(['True', reason]);
    expect(conditionOf(stuck, 'Progressing')).toEqual(['False', reason]);
    expect(stuck.status.malls).toMatchObject({ total: 2, active: 1, succeeded: 1 });
    expect(stuck.status.explanation).toContain(`1 cannot start: ${reason} (${told}`);
    expect(stuck.status.explanation).toContain(advice);

    await showForLong(podName, scene, 'still so');
    const ended = await world.waitForEnd(name);
    expect(ended.status.malls).toMatchObject({ total: 2, succeeded: 1, failed: 1 });
    const message = `it could not start within ${DEADLINE_SECONDS} s: still so`;
    expect(ended.status.failures).toMatchObject([{ mallId, reason, message, attempt: 1 }]);
    await world.kubelet.waitUntil(({ find }) => find(job.name) === undefined);
    await expect
      .poll(async () => (await world.listEvents(name)).map(([type, word]) => `${type} ${word}`).toSorted())
      .toEqual(['Normal Admitted', 'Warning CannotStart', 'Warning Failed', 'Warning MallFailed']);
  });

  test('and can start after all goes on', async () => {
    const [mallId = 0] = await world.addMalls(1);
    world.play([mallId], null);
    await world.create('mended', { mallIds: [mallId] });
    const job = await world.waitForJob(mallId);
    const podName = await world.kubelet.showPod(job.name, { kind: 'unschedulable' });
    await world.waitFor('mended', isDegraded);
    const pod = await world.client.request('GET', `${pods}/${podName}`);
    const status = { conditions: null, ...buildPodStatus(pod, { kind: 'running' }) };
    await world.client.request('PATCH', `${pods}/${podName}/status`, { status });
    const running = await world.waitFor('mended', (seen) => !isDegraded(seen));
    expect(conditionOf(running, 'Progressing')).toEqual(['True', 'Running']);
    expect(running.status.explanation).toContain('1 running');
  });
});
