import { describe, expect, it } from 'vitest';
import { BEGINNING_MS, buildMallSync } from '../../test/support/controller-world.ts';
import type { ObservedJob } from './observed-job.ts';
import { createOwnWrites } from './own-writes.ts';
import { sweep, type Sweeper } from './sweep.ts';

const MALL_SYNC = buildMallSync();

function toParted(name: string, mallSyncName: string, endedAgoMs: number | null): ObservedJob {
  const atMs = BEGINNING_MS - (endedAgoMs ?? 0);
  return {
    name,
    uid: name,
    resourceVersion: '1',
    ownerUid: null,
    mallSyncName,
    executionId: 1,
    instanceId: 1,
    isDeleting: false,
    hasOutcomeFinalizer: true,
    isSuspended: false,
    createdAtMs: BEGINNING_MS - 3_600_000,
    startedAtMs: null,
    end: endedAgoMs === null ? null : { kind: 'complete', reason: '', message: '', atMs },
  };
}

/** @returns the names of the Jobs that were deleted */
async function sweepJobs(jobs: readonly ObservedJob[]): Promise<readonly string[]> {
  const deleted: string[] = [];
  const sweeper = {
    ledger: { listOwners: () => Promise.resolve([]) },
    cluster: {
      deleteJob({ name }: ObservedJob) {
        deleted.push(name);
        return Promise.resolve();
      },
    },
    view: {
      listJobs: () => jobs,
      findMallSync: (name: string) => (name === MALL_SYNC.name ? MALL_SYNC : undefined),
      findMallSyncByUid: () => undefined,
    },
    ownWrites: createOwnWrites(),
    clock: { nowMs: () => BEGINNING_MS },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a sweep asks for nothing else of its ports
  await sweep(sweeper as unknown as Sweeper, new AbortController().signal);
  return deleted;
}

describe('a sweep of Jobs that lost their owner', () => {
  it('takes those whose MallSync is gone', async () => {
    expect(await sweepJobs([toParted('orphan', 'gone', null)])).toEqual(['orphan']);
  });

  it('leaves those whose MallSync is there: their executions are settled with it first', async () => {
    const jobs = [toParted('running', MALL_SYNC.name, null), toParted('just-ended', MALL_SYNC.name, 60_000)];
    expect(await sweepJobs(jobs)).toEqual([]);
  });

  it('takes in the end what is long over, which nobody else would let go of', async () => {
    expect(await sweepJobs([toParted('long-over', MALL_SYNC.name, 601_000)])).toEqual(['long-over']);
  });
});
