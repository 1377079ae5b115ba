import { afterEach, describe, expect, inject, test } from 'vitest';
import { installMallsync, mergeValues } from '../support/e2e-install.ts';
import { createLabControl } from '../support/e2e-lab-control.ts';
import { awaitLeader, evict, readLeader, readLeaderMetrics } from '../support/e2e-leader.ts';
import { expectGoodNights, expectMetricsOfLedger } from '../support/e2e-night-proof.ts';
import { sumOf } from '../support/metrics-text.ts';
import { EXECUTIONS, holdNight, letGo, NIGHT_VALUES, toNight, watchNights, type Night } from '../support/e2e-night.ts';
import { useLastingNamespace } from '../support/e2e-volume.ts';

const { lab } = inject('e2e');
const { namespace, values } = await useLastingNamespace('outages');
const replicas = { controller: { replicas: 2 } };
const mallsync = await installMallsync(namespace, {
  values: [values, replicas].reduce(mergeValues, NIGHT_VALUES),
});
await watchNights(mallsync);
afterEach(() => letGo(mallsync));

const nights: Night[] = [];

/** A night in whose middle something goes wrong, and which ends as if nothing had. @returns all runs that metrics tell of */
async function countGoodRunsAfter(earlier: number, outage: () => Promise<void>): Promise<number> {
  const night = toNight(earlier);
  nights.push(night);
  await holdNight(namespace, mallsync, night);
  await outage();
  await letGo(mallsync);
  await expectGoodNights(namespace, mallsync, nights);
  const series = await readLeaderMetrics(namespace);
  await expectMetricsOfLedger(mallsync, series);
  return sumOf(series, 'mallsync_runs_total');
}

interface PodList {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

describe('two controllers, one night', () => {
  test('which ends right when the leader is killed, since the other takes over', async () => {
    const runs = await countGoodRunsAfter(2, async () => {
      const leader = await readLeader(namespace);
      await namespace.kubectl(['delete', 'pod', leader, '--grace-period=0', '--force']);
      await awaitLeader(namespace, leader);
    });
    expect(runs).toBe(nights.length * EXECUTIONS);
  });

  test('of which a drain of nodes leaves one', async () => {
    await namespace.kubectl(['rollout', 'status', 'deployment/mallsync-controller', '--timeout=60s']);
    const selector = 'app.kubernetes.io/component=controller';
    const { items } = await namespace.kubectlJson<PodList>(['get', 'pods', '--selector', selector]);
    const [one = '', other = ''] = items.map(({ metadata }) => metadata.name);
    await evict(namespace, one);
    await expect(evict(namespace, other)).rejects.toThrow(/disruption budget/);
    await namespace.kubectl(['rollout', 'status', 'deployment/mallsync-controller', '--timeout=120s']);
  });

  test('which ends right when PostgreSQL is restarted', async () => {
    const runs = await countGoodRunsAfter(1, async () => {
      await namespace.kubectl(['delete', 'pod', 'mallsync-postgres-0']);
    });
    expect(runs).toBe(nights.length * EXECUTIONS);
  });

  test.runIf(lab !== null)('which ends right when the API server is killed', async () => {
    const runs = await countGoodRunsAfter(0, async () => {
      if (lab !== null) await createLabControl(lab, namespace).restartApiServer();
    });
    expect(runs).toBe(nights.length * EXECUTIONS);
  });
});
