import { describe, expect, it } from 'vitest';
import { BEGINNING_MS, buildMallSync, buildRun, buildSpec } from '../../test/support/controller-world.ts';
import { ClusterError } from './cluster-error.ts';
import type { Cluster, ClusterView, JobOrder } from './cluster.ts';
import type { ControllerLedger } from './controller-ledger.ts';
import { createLaunchBoard } from './launch-board.ts';
import { createLaunchPace } from './launch-pace.ts';
import { reconcileLaunch, type Launcher } from './reconcile-launch.ts';
import type { ReconcileResult } from './reconcile-result.ts';

const toJobName = ({ run }: JobOrder): string => `job-${run.executionId}`;

interface LaunchScene {
  /** Of the runs that may still be asked for. */
  readonly waitingIds: Set<number>;
  readonly asked: string[];
  /** The MallSyncs that were to be looked at again. */
  readonly awoken: string[];
  readonly clock: { nowMs: number; monotonicMs: number };
  readonly look: () => Promise<ReconcileResult>;
  readonly suspend: (isSuspended: boolean) => void;
}

/** One MallSync with runs 1 to `runs`. @param answer what the API server does about a Job; by default it makes it */
function setUp(
  runs: number,
  perSecond: number,
  answer: (jobName: string) => void = () => undefined,
  limit = 1_000,
): LaunchScene {
  let mallSync = buildMallSync({ spec: buildSpec({ parallelism: 1_000 }) });
  const waitingIds = new Set(Array.from({ length: runs }, (_, index) => index + 1));
  const scene: Omit<LaunchScene, 'look' | 'suspend'> = {
    waitingIds,
    asked: [],
    awoken: [],
    clock: { nowMs: BEGINNING_MS, monotonicMs: 1_000 },
  };
  const cluster: Pick<Cluster, 'toJobName' | 'createJob' | 'isJobOf'> = {
    toJobName,
    isJobOf: () => true,
    async createJob(order) {
      scene.asked.push(toJobName(order));
      await Promise.resolve();
      answer(toJobName(order));
      return null;
    },
  };
  const ledger: Pick<ControllerLedger, 'loadWaiting' | 'markLaunched'> = {
    async loadWaiting() {
      await Promise.resolve();
      const next = [...waitingIds].map((executionId) => buildRun({ executionId }));
      return [{ mallSyncUid: mallSync.uid, active: 0, waiting: next.length, next }];
    },
    async markLaunched(launches) {
      await Promise.resolve();
      for (const { executionId } of launches) waitingIds.delete(executionId);
    },
  };
  const view: Pick<ClusterView, 'findMallSyncByUid' | 'listJobs'> = {
    findMallSyncByUid: () => mallSync,
    listJobs: () => [],
  };
  const launcher = {
    cluster,
    ledger,
    view,
    clock: { nowMs: () => scene.clock.nowMs, monotonicMs: () => scene.clock.monotonicMs },
    board: createLaunchBoard(limit),
    pace: createLaunchPace(perSecond, 20),
    limit,
    onLaunched: (name: string) => void scene.awoken.push(name),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a look asks for nothing else of its ports
  const look = () => reconcileLaunch(launcher as unknown as Launcher, new AbortController().signal);
  const suspend = (isSuspended: boolean): void => {
    mallSync = buildMallSync({ spec: buildSpec({ parallelism: 1_000, suspend: isSuspended }) });
  };
  return { ...scene, clock: scene.clock, look, suspend };
}

describe('a look of the launcher', () => {
  it('has a MallSync looked at again whose runs were launched', async () => {
    const { look, asked, awoken } = setUp(2, 0);
    await look();
    expect(asked).toEqual(['job-1', 'job-2']);
    expect(awoken).toEqual(['member-2025-12']);
  });

  it('wakes nobody where nothing came of it: the two would wake each other without a pause', async () => {
    const { look, asked, awoken } = setUp(2, 0, () => {
      throw new ClusterError('forbidden', 'exceeded quota', { status: 403 });
    });
    await expect(look()).rejects.toThrow('exceeded quota');
    expect(asked).toEqual(['job-1', 'job-2']);
    expect(awoken).toEqual([]);
  });

  it('asks first again for what a failing server may have made, and goes on with the rest', async () => {
    const { look, asked, waitingIds } = setUp(4, 0, (jobName) => {
      if (jobName === 'job-1') throw new ClusterError('timeout', 'gateway timeout', { status: 504 });
    });
    await expect(look()).rejects.toThrow('gateway timeout');
    waitingIds.add(5);
    await expect(look()).rejects.toThrow('gateway timeout');
    expect(asked).toEqual(['job-1', 'job-2', 'job-3', 'job-4', 'job-1', 'job-5']);
    expect([...waitingIds]).toEqual([1]);
  });

  it('keeps the place of what a failing server may have made', async () => {
    let isFailing = true;
    const { look, asked } = setUp(
      2,
      0,
      () => {
        if (isFailing) throw new ClusterError('unavailable', 'etcd is slow', { status: 500 });
      },
      1,
    );
    await expect(look()).rejects.toThrow('etcd is slow');
    isFailing = false;
    await look();
    expect(asked).toEqual(['job-1', 'job-1']);
  });

  it('asks for nothing in doubt while its MallSync is suspended', async () => {
    let isFailing = true;
    const { look, asked, suspend } = setUp(1, 0, () => {
      if (isFailing) throw new ClusterError('unavailable', 'etcd is slow', { status: 500 });
    });
    await expect(look()).rejects.toThrow('etcd is slow');
    isFailing = false;
    suspend(true);
    await look();
    expect(asked).toEqual(['job-1']);
    suspend(false);
    await look();
    expect(asked).toEqual(['job-1', 'job-1']);
  });

  it('keeps its pace where the wall clock is set back', async () => {
    const { look, asked, clock } = setUp(100, 10);
    await look();
    expect(asked).toHaveLength(20);
    clock.nowMs -= 3_600_000;
    clock.monotonicMs += 1_000;
    expect(await look()).toEqual({ kind: 'later', afterMs: 100 });
    expect(asked).toHaveLength(30);
  });
});
