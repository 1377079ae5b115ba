import { describe, expect, inject, test } from 'vitest';
import { createRetryRequests } from '../../src/adapters/postgres/retry-request.ts';
import { readAuditLog, toUser, type AuditCall } from '../support/audit-log.ts';
import type { KubeObject } from '../support/api-server-door.ts';
import { createClusterWorld } from '../support/cluster-world.ts';
import { loadRbac, type Account } from '../support/controller-account.ts';
import { DEFAULT_SPEC } from '../support/mall-sync-spec.ts';
import { listGranted, toUsed } from '../support/rights.ts';

const { auditLog } = inject('apiServer');
const FORBIDDEN = 403;

const world = await createClusterWorld();

async function listCalls(account: Account): Promise<readonly AuditCall[]> {
  return await readAuditLog(auditLog ?? '', (user) => user.endsWith(`:${account}`));
}

function listOwn(calls: readonly AuditCall[], account: Account): readonly AuditCall[] {
  return calls.filter(({ user }) => user === toUser(world.namespace, account));
}

describe.runIf(auditLog !== null)('the rights of deploy/rbac.yaml', () => {
  test('are all that the controller uses, and it uses all of them', { timeout: 120_000 }, async () => {
    const [first, second, third, fourth] = await world.addMalls(4);
    const jobName = (mall: number | undefined) => `ms-member-${mall}-20251201t000000-20251217t235959-1`;
    // a name that is taken has to be looked at
    await world.client.request('POST', `/apis/batch/v1/namespaces/${world.namespace}/jobs`, {
      metadata: { name: jobName(second) },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'other', image: 'none' }] } } },
    });
    const controller = world.startController();
    const kubelet = await world.startKubelet({
      play: ({ mallId }) => (mallId === first || mallId === fourth ? {} : { end: null }),
    });

    await world.create('ends', { mallIds: [first], ttlSecondsAfterFinished: 1 });
    await world.create('meets-a-stranger', { mallIds: [second] });
    await world.create('is-cancelled', { mallIds: [third] });
    await kubelet.waitUntil(({ find }) => find(jobName(third)) !== undefined);
    for (const suspend of [true, false, true]) {
      await world.change('is-cancelled', { suspend });
      const expected = suspend ? /^Suspend/ : /^(?!Suspend)/;
      await world.waitFor('is-cancelled', (mallSync) => expected.test(findReason(mallSync, 'Progressing')));
    }
    await world.change('is-cancelled', { suspend: false, cancel: true });
    await kubelet.waitUntil(({ find }) => find(jobName(third)) === undefined);
    await world.waitFor('ends', (mallSync) => mallSync === undefined);

    await world.create('is-deleted', { mallIds: [third], attemptCount: 2 });
    await world.waitFor('is-deleted', (mallSync) => mallSync?.status?.malls?.active === 1);
    await world.delete('is-deleted');
    await kubelet.waitUntil(({ list }) => list().every(({ mallSync }) => mallSync !== 'is-deleted'));

    const requests = createRetryRequests({ pool: (await world.database.open()).pool });
    const { requestId } = await requests.create('some key', {
      ...DEFAULT_SPEC,
      kind: 'RUN',
      pageSize: 1000,
      fingerprints: null,
      mallIds: [fourth ?? 0],
      requestedBy: 'test',
      reason: 'a test',
    });
    await world.waitFor(`rerun-${requestId}`, (mallSync) => findReason(mallSync, 'Succeeded') === 'Succeeded');
    controller.process.kill('SIGTERM');
    await controller.finished;

    const granted = listGranted(await loadRbac(), 'mallsync-controller');
    const calls = await listCalls('mallsync-controller');
    const used = new Set(calls.filter(({ code }) => code !== FORBIDDEN).map((call) => toUsed(call, granted)));
    expect([...used].toSorted()).toEqual([...granted].toSorted());
    const here = listOwn(calls, 'mallsync-controller');
    expect(here.filter(({ code }) => code === FORBIDDEN)).toEqual([]);
  });

  test('let the nightly creator create MallSyncs, and nothing else', async () => {
    const KUBECONFIG = await world.writeKubeconfig('mallsync-nightly');
    const { exitCode, stderr } = await world.start(['nightly'], { KUBECONFIG }).finished;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const granted = listGranted(await loadRbac(), 'mallsync-nightly');
    // what other tests refuse their creators on purpose is not this one's
    const calls = listOwn(await listCalls('mallsync-nightly'), 'mallsync-nightly');
    expect(new Set(calls.map((call) => toUsed(call, granted)))).toEqual(granted);
    expect(calls.filter(({ code }) => code === FORBIDDEN)).toEqual([]);
  });
});

function findReason(mallSync: KubeObject, type: string): string {
  const conditions: readonly KubeObject[] = mallSync?.status?.conditions ?? [];
  return conditions.find((condition) => condition.type === type)?.reason ?? '';
}
