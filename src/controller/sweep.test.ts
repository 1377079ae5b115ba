import { expect, it } from 'vitest';
import { buildJob } from '../../test/support/controller-world.ts';
import { ClusterError } from './cluster-error.ts';
import { createOwnWrites } from './own-writes.ts';
import { sweep, type Sweeper } from './sweep.ts';

it('sweeps what the other MallSyncs that are gone left, where a Job of one cannot be deleted', async () => {
  const jobs = ['a', 'b', 'c'].map((ownerUid, index) => buildJob({ executionId: index + 1, ownerUid }));
  const done: string[] = [];
  const sweeper = {
    ownWrites: createOwnWrites(),
    view: {
      findMallSyncByUid: () => undefined,
      listJobs: () => jobs,
      listJobsOf: (uid: string) => jobs.filter(({ ownerUid }) => ownerUid === uid),
    },
    cluster: {
      readMallSync: () => Promise.resolve(null),
      deleteJob({ name }: { readonly name: string }) {
        if (name === 'job-1')
          return Promise.reject(new ClusterError('forbidden', 'a webhook says no', { status: 403 }));
        done.push(`delete ${name}`);
        return Promise.resolve();
      },
    },
    ledger: {
      listOwners: () => Promise.resolve([]),
      stopAll(uid: string) {
        done.push(`stop ${uid}`);
        return Promise.resolve(0);
      },
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a sweep asks for nothing else of its ports
  const swept = sweep(sweeper as unknown as Sweeper, new AbortController().signal);
  await expect(swept).rejects.toThrow('a webhook says no');
  expect(done).toEqual(['stop a', 'stop b', 'delete job-2', 'stop c', 'delete job-3']);
});
