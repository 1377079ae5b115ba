import type { JobOrder } from './cluster.ts';
import type { Capacity } from './decision.ts';
import type { ObservedJob } from './observed-job.ts';

/** Jobs that this leader has asked for and the cache may not show yet, and how full the installation was last seen. */
export interface LaunchBoard {
  /** Counts as a Job from now on, whether the request for it is answered or not. */
  noteAsked(jobName: string, order: JobOrder): void;
  /** The answer was lost: the Job may exist, and goes on counting. */
  noteInDoubt(jobName: string): void;
  /** The orders in doubt, which are to be asked again before any other. */
  listInDoubt(): readonly JobOrder[];
  /** There is no such Job, after all or any more. */
  noteRefused(jobName: string): void;
  /** The MallSync is gone, and its Jobs with it, whether they were ever seen or not. */
  forgetMallSync(uid: string): void;
  /** The cache shows it. */
  noteSeen(jobName: string): void;
  /** Unfinished Jobs by the MallSync that owns them, asked ones included. */
  countActive(jobs: readonly ObservedJob[]): ReadonlyMap<string, number>;
  publish(active: number, ahead: ReadonlyMap<string, number>): void;
  capacityOf(mallSyncUid: string): Capacity;
}

export function createLaunchBoard(limit: number): LaunchBoard {
  const asked = new Map<string, { readonly order: JobOrder; isInDoubt: boolean }>();
  let published: { readonly active: number; readonly ahead: ReadonlyMap<string, number> } = {
    active: 0,
    ahead: new Map(),
  };
  return {
    noteAsked: (jobName, order) => void asked.set(jobName, { order, isInDoubt: false }),
    noteInDoubt(jobName) {
      const entry = asked.get(jobName);
      if (entry !== undefined) entry.isInDoubt = true;
    },
    listInDoubt: () => [...asked.values()].filter(({ isInDoubt }) => isInDoubt).map(({ order }) => order),
    noteRefused: (jobName) => void asked.delete(jobName),
    noteSeen: (jobName) => void asked.delete(jobName),
    forgetMallSync(uid) {
      for (const [jobName, { order }] of asked) if (order.mallSync.uid === uid) asked.delete(jobName);
    },
    countActive(jobs) {
      const counts = new Map<string, number>();
      const count = (uid: string): void => void counts.set(uid, (counts.get(uid) ?? 0) + 1);
      for (const job of jobs) if (job.end === null) count(job.ownerUid ?? '');
      for (const { order } of asked.values()) count(order.mallSync.uid);
      return counts;
    },
    publish(active, ahead) {
      published = { active, ahead };
    },
    capacityOf: (mallSyncUid) => ({
      limit,
      active: published.active,
      ahead: published.ahead.get(mallSyncUid) ?? 0,
    }),
  };
}
