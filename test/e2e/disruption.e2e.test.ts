import { afterEach, describe, expect, inject, test } from 'vitest';
import { installMallsync } from '../support/e2e-install.ts';
import { createLabControl } from '../support/e2e-lab-control.ts';
import {
  applyMallSync,
  awaitActive,
  awaitGone,
  awaitProgress,
  patchMallSync,
  toJobNameOfDay,
} from '../support/e2e-mall-sync.ts';
import { useNamespace } from '../support/e2e-namespace.ts';
import { expectGoodNights, expectMetricsOfLedger } from '../support/e2e-night-proof.ts';
import {
  findPod,
  HOLD,
  holdNight,
  letGo,
  listHeld,
  MALLS,
  NIGHT_VALUES,
  toNight,
  watchNights,
  type Night,
} from '../support/e2e-night.ts';

const { lab } = inject('e2e');
const namespace = await useNamespace('disruption');
const mallsync = await installMallsync(namespace, { values: NIGHT_VALUES });
await watchNights(mallsync);
afterEach(() => letGo(mallsync));
const [first, second] = [toNight(1), toNight(0)];
const nights: Night[] = [];

/** How often each of these executions was claimed. */
async function listClaims(executionIds: readonly number[]): Promise<readonly number[]> {
  const rows = await mallsync.query<{ claims: number }>(
    `select fence_token::integer as claims from mallsync.tb_batch_execution_summary
     where execution_id = any($1) order by execution_id`,
    [executionIds],
  );
  return rows.map(({ claims }) => claims);
}

describe('a run goes on at its checkpoint by itself', () => {
  test('when its pod is deleted, and when its process is killed', async () => {
    nights.push(first);
    await holdNight(namespace, mallsync, first);
    const held = await listHeld(mallsync, first);
    const [deleted, killed] = held;
    await namespace.kubectl(['delete', 'pod', await findPod(namespace, deleted?.jobName ?? ''), '--wait=false']);
    // only the lab's node can be reached into: elsewhere the second is deleted, too, without any grace
    const pod = await findPod(namespace, killed?.jobName ?? '');
    if (lab === null) await namespace.kubectl(['delete', 'pod', pod, '--grace-period=0', '--force']);
    else await createLabControl(lab, namespace).killContainer(pod, 'sync');
    await letGo(mallsync);
    await expectGoodNights(namespace, mallsync, nights);
    const [byNext, byThird, ...others] = await listClaims(held.map(({ executionId }) => executionId));
    expect(byNext).toBeGreaterThan(1);
    expect(byThird).toBeGreaterThan(1);
    expect(others).toEqual([1, 1]);
    await expectMetricsOfLedger(mallsync, await mallsync.readMetrics());
  });

  describe.runIf(lab !== null)('on a node whose kubelet falls silent for longer than its lease', () => {
    test('and one that dies meanwhile is missed by nobody until the kubelet is back', async () => {
      if (lab === null) throw new Error('only on the lab');
      const control = createLabControl(lab, namespace);
      nights.push(second);
      await holdNight(namespace, mallsync, second);
      const held = await listHeld(mallsync, second);
      const pod = await findPod(namespace, held[0]?.jobName ?? '');
      const goOn = await control.freezeKubelet();
      try {
        await control.killContainer(pod, 'sync');
        await namespace.waitFor('the node to be given up', isNodeSilent);
      } finally {
        goOn();
      }
      await letGo(mallsync);
      await expectGoodNights(namespace, mallsync, nights);
      const [claims] = await listClaims(held.map(({ executionId }) => executionId));
      expect(claims).toBeGreaterThan(1);
      await expectMetricsOfLedger(mallsync, await mallsync.readMetrics());
    });
  });
});

describe('what comes up seldom', () => {
  test('is done, too: a name that is taken, a pause, a cancel, a deletion, an end of life', async () => {
    const taken = { name: toJobNameOfDay('member', 1) };
    const spec = {
      suspend: true,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } },
    };
    await namespace.apply({ apiVersion: 'batch/v1', kind: 'Job', metadata: taken, spec });
    for (const { cafe24MallId } of MALLS.slice(2)) {
      await mallsync.simulator.control.addFault(cafe24MallId, { ...HOLD, endpoint: 'customersprivacy' });
    }
    await applyMallSync(namespace, 'meets-a-stranger', { mallIds: [1] });
    await applyMallSync(namespace, 'ends', { mallIds: [2], ttlSecondsAfterFinished: 1 });
    await applyMallSync(namespace, 'is-cancelled', { mallIds: [3] });
    await applyMallSync(namespace, 'is-deleted', { mallIds: [4] });
    await awaitActive(namespace, 'is-cancelled');
    for (const suspend of [true, false, true]) {
      await patchMallSync(namespace, 'is-cancelled', { suspend });
      await awaitProgress(namespace, 'is-cancelled', suspend ? /^Suspend/ : /^(?!Suspend)/);
    }
    await patchMallSync(namespace, 'is-cancelled', { suspend: false, cancel: true });
    await awaitGone(namespace, `job/${toJobNameOfDay('member', 3)}`);
    await awaitActive(namespace, 'is-deleted');
    await namespace.kubectl(['delete', 'mallsync', 'is-deleted', '--timeout=60s']);
    await awaitGone(namespace, `job/${toJobNameOfDay('member', 4)}`);
    await awaitGone(namespace, 'mallsync/ends');
    await letGo(mallsync);
    const ends = await mallsync.query(
      `select mallsync_name as name, status from mallsync.tb_batch_execution_summary
       where start_date = '2025-12-01T00:00:00' and mall_id > 1 order by mall_id`,
    );
    expect(ends).toEqual([
      { name: 'ends', status: 'COMPLETED' },
      { name: 'is-cancelled', status: 'STOPPED' },
      { name: 'is-deleted', status: 'STOPPED' },
    ]);
    const jobs = await namespace.kubectl([
      'get',
      'job',
      taken.name,
      '--output',
      'jsonpath={.metadata.ownerReferences}',
    ]);
    expect(jobs).toBe('');
  });
});

interface NodeList {
  readonly items: readonly {
    readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** By then every execution's lease is over as well: it is shorter. */
async function isNodeSilent(): Promise<boolean> {
  const { items } = await namespace.kubectlJson<NodeList>(['get', 'nodes']);
  return items.every(({ status }) => status.conditions.some((one) => one.type === 'Ready' && one.status === 'Unknown'));
}
