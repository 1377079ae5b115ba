import { describe, expect, test } from 'vitest';
import { totalOf } from '../integration/controller/ledger-fixture.ts';
import { conditionOf, createLedWorld } from '../support/led-world.ts';
import { listStatusFaults } from '../support/mall-sync-history.ts';
import type { SeenJob } from '../support/test-kubelet-record.ts';

const MALLS = 200;
const WITH_REJECTS = 10;

const world = await createLedWorld({ environment: { MALLSYNC_JOBS_PER_SECOND: '0', MALLSYNC_JOB_LIMIT: '60' } });
const mallIds = await world.addMalls(MALLS);
const rejecting = mallIds.slice(0, WITH_REJECTS);
world.play(rejecting, { sync: { kind: 'rejects', rows: 2, rejected: 1 } });
const collection = `/apis/mallsync.io/v1alpha1/namespaces/${world.namespace}/mallsyncs`;

describe('a MallSync of 200 malls', () => {
  test('has one Job a mall, every outcome in the ledger, and lets go of its Jobs', async () => {
    const mallSync = await world.runToEnd('night', { parallelism: 60 });
    const { malls, rows, failures, explanation } = mallSync.status;
    expect(malls).toMatchObject({ total: MALLS, succeeded: MALLS - WITH_REJECTS, withRejects: WITH_REJECTS });
    expect(rows).toEqual({ read: 220, inserted: 210, updated: 0, unchanged: 0, rejected: 10 });
    expect(failures).toEqual([]);
    expect(explanation).toMatch(/^All 200 malls are done, 10 with rejected rows\./);
    expect(conditionOf(mallSync, 'Succeeded')).toEqual(['True', 'CompletedWithRejects']);

    const { record } = world.kubelet;
    expect([...record.countByName().values()]).toEqual(Array.from(mallIds, () => 1));
    expect([...record.countByExecution().values()]).toEqual(Array.from(mallIds, () => 1));
    const runs = await world.listRuns('night');
    expect(new Set(runs.map(({ mallId }) => mallId))).toEqual(new Set(mallIds));
    expect(runs.filter(({ status }) => status === 'COMPLETED')).toHaveLength(MALLS - WITH_REJECTS);
    expect(runs.every(({ isRecorded, attemptCount }) => isRecorded && attemptCount === 1)).toBe(true);
    const jobs = await world.listJobs();
    expect(jobs).toHaveLength(MALLS);
    for (const { metadata, spec } of jobs) {
      expect(metadata.finalizers).toBeUndefined();
      expect(spec.ttlSecondsAfterFinished).toBe(600);
    }
    expect(await totalOf(world.database, 'runs_total')).toBe(MALLS);
    expect(await totalOf(world.database, 'outcome_disagreements_total')).toBe(0);
  });

  test('adds up at every status that was ever written, and never goes back', () => {
    const statuses = world.history.listStatuses('night');
    expect(statuses.length).toBeGreaterThan(2);
    expect(statuses.flatMap(listStatusFaults)).toEqual([]);
    const done = statuses.map(({ malls }) => malls.succeeded + malls.withRejects);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(statuses.filter(({ completionTime }) => completionTime !== undefined)).toHaveLength(1);
    expect(new Set(statuses.map(({ startTime }) => startTime)).size).toBe(1);
  });

  test('tells of its admission and its end, once each', async () => {
    await expect
      .poll(async () => (await world.listEvents('night')).map(([type, reason]) => [type, reason]))
      .toEqual([
        ['Normal', 'Admitted'],
        ['Warning', 'CompletedWithRejects'],
      ]);
  });

  test('leaves nothing to do for a second one with the same parameters', async () => {
    const jobsBefore = world.kubelet.record.countByName().size;
    const again = await world.runToEnd('again', { mallIds });
    expect(again.status.malls).toMatchObject({ total: MALLS, alreadyComplete: MALLS, succeeded: 0 });
    expect(conditionOf(again, 'Succeeded')).toEqual(['True', 'AlreadyComplete']);
    expect(again.status.explanation).toBe('All 200 malls are done, 200 of them before.');
    expect(await world.listRuns('again')).toEqual([]);
    expect(world.kubelet.record.countByName().size).toBe(jobsBefore);
  });

  test('reads well where kubectl lists it', async () => {
    const rows = await world.client.readTable(collection);
    expect(rows.find(({ Name }) => Name === 'night')).toMatchObject({
      Domain: 'MEMBER',
      Start: '2025-12-01T00:00:00',
      End: '2025-12-17T23:59:59',
      Succeeded: 'True',
      Malls: MALLS,
      Failed: 0,
      Age: expect.stringMatching(/^\d+s$/),
      Reason: 'CompletedWithRejects',
      Explanation: expect.stringContaining('10 with rejected rows'),
    });
    const byDomain = await world.client.readTable(`${collection}?fieldSelector=spec.domainType%3DORDER`);
    expect(byDomain).toEqual([]);
  });

  test('has Jobs that are found by every parameter', async () => {
    const [job] = await world.listJobs();
    const { labels, ownerReferences } = job.metadata;
    expect(labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'mallsync-controller',
      'mallsync.io/mallsync': 'night',
      'mallsync.io/domain-type': 'MEMBER',
      'mallsync.io/start-date': '20251201T000000',
      'mallsync.io/end-date': '20251217T235959',
      'mallsync.io/page-size': '1000',
      'mallsync.io/attempt-count': '1',
    });
    expect(ownerReferences).toMatchObject([{ kind: 'MallSync', name: 'night', controller: true }]);
    const { name }: Pick<SeenJob, 'name'> = job.metadata;
    expect(name).toBe(`ms-member-${labels['mallsync.io/mall-id']}-20251201t000000-20251217t235959-1`);
  });
});
