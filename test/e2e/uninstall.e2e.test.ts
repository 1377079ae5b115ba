import { afterAll, describe, expect, test } from 'vitest';
import { installMallsync, mergeValues, RELEASE } from '../support/e2e-install.ts';
import { useNamespace } from '../support/e2e-namespace.ts';
import { expectNightsTruth, expectPagesOnce, listExecutions } from '../support/e2e-night-proof.ts';
import {
  DOMAIN_TYPES,
  EXECUTIONS,
  HELD,
  holdNight,
  letGo,
  listHeld,
  NIGHT_VALUES,
  toNight,
  watchNights,
} from '../support/e2e-night.ts';
import { LENDING_VALUES, prepareProduction, PRODUCTION_VALUES } from '../support/e2e-production.ts';

const world = await useNamespace('uninstall-world');
const namespace = await useNamespace('uninstall');
const trial = await installMallsync(world, { values: mergeValues(NIGHT_VALUES, LENDING_VALUES) });
await watchNights(trial);
const production = await prepareProduction(namespace, world, trial, PRODUCTION_VALUES);
const mallsync = await production.install();
afterAll(() => trial.stop());
const SYNC = ['--selector', 'app.kubernetes.io/component=sync', '--output', 'name'];

async function countByStatus(startDate: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const one of await listExecutions(mallsync)) {
    if (one.startDate === startDate) counts[one.status] = (counts[one.status] ?? 0) + 1;
  }
  return counts;
}

describe('helm uninstall in the middle of a night', () => {
  const night = toNight(1);

  test('stops what runs, hangs on nothing, and leaves what is not its own to take', async () => {
    await holdNight(namespace, mallsync, night);
    const held = await listHeld(mallsync, night);
    await namespace.helm(['uninstall', RELEASE, '--wait', '--timeout', '2m']);
    expect(await namespace.kubectl(['get', 'jobs', ...SYNC])).toBe('');
    await namespace.kubectl(['wait', 'pods', '--all', '--for=delete', '--timeout=60s']);
    const { STOPPED = 0, COMPLETED = 0, ...others } = await countByStatus(night.startDate);
    expect({ all: STOPPED + COMPLETED, others }).toEqual({ all: EXECUTIONS, others: {} });
    expect(STOPPED).toBeGreaterThanOrEqual(HELD);
    expect(await namespace.kubectl(['get', 'secret', 'production', '--output', 'name'])).toContain('production');
    const left = await namespace.kubectl(['get', 'mallsyncs', '--output', 'name']);
    expect(left.trim().split('\n')).toHaveLength(DOMAIN_TYPES.length);
    const stopped = await mallsync.query(
      `select 1 from mallsync.tb_batch_window where next_offset > 0 and instance_id in (
         select instance_id from mallsync.tb_batch_execution_summary where execution_id = any($1))`,
      [held.map(({ executionId }) => executionId)],
    );
    expect(stopped.length).toBeGreaterThanOrEqual(HELD);
  });

  test('is followed by an install that finds it all there, and the night goes on at its checkpoints', async () => {
    const { STOPPED: stopped = 0 } = await countByStatus(night.startDate);
    await letGo(mallsync);
    await production.install();
    await mallsync.waitForNight();
    const patch = JSON.stringify({ spec: { attemptCount: 2 } });
    for (const { metadata } of await mallsync.listMallSyncs()) {
      await namespace.kubectl(['patch', 'mallsync', metadata.name, '--type', 'merge', '--patch', patch]);
    }
    const mallSyncs = await mallsync.waitForNight();
    const ends = mallSyncs.map(({ status }) => status?.conditions.find(({ type }) => type === 'Succeeded')?.status);
    expect(ends).toEqual(['True', 'True', 'True']);
    expect(await countByStatus(night.startDate)).toEqual({ STOPPED: stopped, COMPLETED: EXECUTIONS });
    await expectPagesOnce(mallsync);
    await expectNightsTruth(mallsync, [night]);
  });
});

describe('kubectl delete namespace in the middle of a night', () => {
  const night = toNight(0);

  test('does not hang, and the ledger hears of it', async () => {
    await holdNight(namespace, mallsync, night);
    await namespace.kubectl(['delete', 'namespace', namespace.namespace, '--timeout=120s']);
    const { STOPPED = 0, COMPLETED = 0, ...others } = await countByStatus(night.startDate);
    expect({ all: STOPPED + COMPLETED, others }).toEqual({ all: EXECUTIONS, others: {} });
    expect(STOPPED).toBeGreaterThanOrEqual(HELD);
  });

  test('does not hang where PostgreSQL goes with it', async () => {
    const { startDate, endDate } = toNight(3);
    await world.apply({
      apiVersion: 'mallsync.io/v1alpha1',
      kind: 'MallSync',
      metadata: { name: 'held' },
      spec: { domainType: 'ORDER', startDate, endDate, pageSize: 50 },
    });
    await world.waitFor('runs', async () => {
      const selector = [...SYNC.slice(0, 2), '--field-selector', 'status.phase=Running', ...SYNC.slice(2)];
      return (await world.kubectl(['get', 'pods', ...selector])) !== '';
    });
    expect(await world.kubectl(['delete', 'namespace', world.namespace, '--timeout=120s'])).toContain('deleted');
  });
});
