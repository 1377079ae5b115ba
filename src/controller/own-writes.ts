import type { MallSync, MallSyncStatus } from './mall-sync.ts';
import type { ObservedJob } from './observed-job.ts';

/**
 * What this leader has written and the caches may not show yet: without it each write would be repeated until its echo
 * comes.
 */
export interface OwnWrites {
  noteReleased(job: Pick<ObservedJob, 'uid'>): void;
  noteDeleted(job: Pick<ObservedJob, 'uid'>): void;
  noteStatus(mallSync: Pick<MallSync, 'uid'>, status: MallSyncStatus, atMs: number): void;
  /** When the status was last written, by the monotonic clock; null when never by this leader. */
  statusWrittenAtMs(mallSync: Pick<MallSync, 'uid'>): number | null;
  applyToJobs(jobs: readonly ObservedJob[]): readonly ObservedJob[];
  applyToMallSync<T extends MallSync>(mallSync: T): T;
  forgetJob(uid: string): void;
  forgetMallSync(uid: string): void;
  /** The answer to a write may come after the news of its object's end: what the caches do not show is forgotten. */
  keepOnly(jobUids: ReadonlySet<string>, mallSyncUids: ReadonlySet<string>): void;
}

export function createOwnWrites(): OwnWrites {
  const released = new Set<string>();
  const deleted = new Set<string>();
  const statuses = new Map<string, { readonly status: MallSyncStatus; readonly atMs: number }>();
  return {
    noteReleased: ({ uid }) => void released.add(uid),
    noteDeleted: ({ uid }) => void deleted.add(uid),
    noteStatus: ({ uid }, status, atMs) => void statuses.set(uid, { status, atMs }),
    statusWrittenAtMs: ({ uid }) => statuses.get(uid)?.atMs ?? null,
    applyToJobs: (jobs) =>
      jobs
        .filter(({ uid }) => !deleted.has(uid))
        .map((job) => (released.has(job.uid) ? { ...job, hasOutcomeFinalizer: false } : job)),
    applyToMallSync: (mallSync) => ({ ...mallSync, status: statuses.get(mallSync.uid)?.status ?? mallSync.status }),
    forgetJob(uid) {
      released.delete(uid);
      deleted.delete(uid);
    },
    forgetMallSync: (uid) => void statuses.delete(uid),
    keepOnly(jobUids, mallSyncUids) {
      for (const uid of released) if (!jobUids.has(uid)) released.delete(uid);
      for (const uid of deleted) if (!jobUids.has(uid)) deleted.delete(uid);
      for (const uid of statuses.keys()) if (!mallSyncUids.has(uid)) statuses.delete(uid);
    },
  };
}
