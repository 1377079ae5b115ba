import { describe, expect, it } from 'vitest';
import {
  BEGINNING_MS,
  buildEnd,
  buildJob,
  buildMallSync,
  buildRun,
  SETTINGS,
} from '../../test/support/controller-world.ts';
import type { Cluster, ClusterView } from './cluster.ts';
import type { ControllerLedger, Outcome } from './controller-ledger.ts';
import type { ObservedJob } from './observed-job.ts';
import { createOwnWrites } from './own-writes.ts';
import { reconcileMallSync, type MallSyncReconciler } from './reconcile-mall-sync.ts';
import type { LedgerState, Run } from './run.ts';

interface LookScene {
  readonly recorded: Outcome[];
  /** Calls, in their order. */
  readonly calls: string[];
  readonly look: () => Promise<unknown>;
}

/** One launched run whose Job the cache does not show; `live` is what a read of the Job brings. */
function setUp(live: ObservedJob | null): LookScene {
  const mallSync = buildMallSync();
  const [recorded, calls]: [Outcome[], string[]] = [[], []];
  let run = buildRun({ status: 'RUNNING', jobName: 'job-1', launchedAgoMs: 60_000 });
  const load = (): LedgerState => {
    const { mallId, executionId } = run;
    const mall = { mallId, executionId, result: 'ADMITTED', attemptWish: 0, reason: null, message: null } as const;
    return { malls: [mall], runs: [run] };
  };
  const settle = ({ end }: Outcome): Run => ({ ...run, status: end?.status ?? run.status, isRecorded: true });
  const ledger: Pick<ControllerLedger, 'load' | 'recordOutcomes'> = {
    load: () => Promise.resolve(load()),
    recordOutcomes(_, outcomes) {
      calls.push('record');
      recorded.push(...outcomes);
      for (const outcome of outcomes) run = settle(outcome);
      return Promise.resolve(load());
    },
  };
  const cluster: Pick<Cluster, 'readJob' | 'readMallSync' | 'releaseJob' | 'saveStatus'> = {
    readJob(name) {
      calls.push(`read ${name}`);
      return Promise.resolve(live);
    },
    readMallSync: () => Promise.resolve(mallSync),
    releaseJob(name) {
      calls.push(`release ${name}`);
      return Promise.resolve();
    },
    saveStatus: () => Promise.resolve(),
  };
  const view: Pick<ClusterView, 'findMallSync' | 'listJobsOf' | 'listPodsOf'> = {
    findMallSync: () => mallSync,
    listJobsOf: () => [],
    listPodsOf: () => [],
  };
  const parts = {
    cluster,
    ledger,
    view,
    clock: { nowMs: () => BEGINNING_MS, monotonicMs: () => 1_000 },
    settings: SETTINGS,
    ownWrites: createOwnWrites(),
    recorder: { record: () => undefined },
    capacityOf: () => ({ limit: 30, active: 0, ahead: 0 }),
    onLaunchable: () => undefined,
    onAbsent: (jobName: string) => void calls.push(`absent ${jobName}`),
    onGone: () => undefined,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a look asks for nothing else of its ports
  const reconciler = parts as unknown as MallSyncReconciler;
  return { recorded, calls, look: () => reconcileMallSync(reconciler, mallSync.name, new AbortController().signal) };
}

describe('a run whose Job the cache does not show', () => {
  it('is settled by what a live read finds, and the Job is released', async () => {
    const ended = buildJob({ ownerUid: null, mallSyncName: null, end: buildEnd('failed') });
    const { look, calls, recorded } = setUp(ended);
    await look();
    expect(calls).toEqual(['read job-1', 'record', 'release job-1']);
    expect(recorded.map(({ end }) => end?.status)).toEqual(['FAILED']);
  });

  it('goes on while its Job does', async () => {
    const { look, calls } = setUp(buildJob({ ownerUid: null }));
    expect(await look()).toMatchObject({ kind: 'later' });
    expect(calls).toEqual(['read job-1']);
  });

  it('leaves a Job alone that has no more than the name, and looks again', async () => {
    const { look, calls } = setUp(buildJob({ executionId: 77, name: 'job-1', end: buildEnd('complete') }));
    expect(await look()).toEqual({ kind: 'later', afterMs: 15_000 });
    expect(calls).toEqual(['read job-1']);
  });

  it('is lost when there is none, and its place is free', async () => {
    const { look, calls, recorded } = setUp(null);
    await look();
    expect(calls).toEqual(['read job-1', 'absent job-1', 'record']);
    expect(recorded.map(({ end }) => end?.reason)).toEqual(['Lost']);
  });
});
