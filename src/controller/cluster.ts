import type { MallSync, MallSyncDraft, MallSyncSpec, MallSyncStatus } from './mall-sync.ts';
import type { ObservedJob, ObservedPod } from './observed-job.ts';
import type { Run } from './run.ts';

/** The caches: what the cluster said last. They lag behind it, so that absence here proves nothing. */
export interface ClusterView {
  findMallSync(name: string): MallSync | undefined;
  findMallSyncByUid(uid: string): MallSync | undefined;
  listMallSyncs(): readonly MallSync[];
  listJobs(): readonly ObservedJob[];
  listJobsOf(mallSyncUid: string): readonly ObservedJob[];
  listPodsOf(jobName: string): readonly ObservedPod[];
}

/** The Job of one run. */
export interface JobOrder {
  readonly mallSync: Pick<MallSync, 'name' | 'uid'>;
  readonly spec: MallSyncSpec;
  readonly run: Pick<Run, 'executionId' | 'instanceId' | 'mallId' | 'attemptCount' | 'pageSize'>;
}

/** Writes and live reads. Each call is one request, or none; all reject with ClusterError. */
export interface Cluster {
  /** The name that the order's Job always has. */
  toJobName(order: JobOrder): string;
  /** `null` when it was created, else the Job that has its name already, read live. */
  createJob(order: JobOrder, signal: AbortSignal): Promise<ObservedJob | null>;
  /** Whether `job` is what `createJob` would have made. */
  isJobOf(job: ObservedJob, order: JobOrder): boolean;
  /** Null when there is none. */
  readJob(name: string, signal: AbortSignal): Promise<ObservedJob | null>;
  /** Takes our finalizer off and lets the Job go `ttlSeconds` after its end. A Job that is gone is fine. */
  releaseJob(name: string, ttlSeconds: number, signal: AbortSignal): Promise<void>;
  /** Takes our finalizer off and deletes the Job with its pods. A Job that is gone is fine. */
  deleteJob(
    job: Pick<ObservedJob, 'name' | 'uid' | 'isDeleting' | 'hasOutcomeFinalizer'>,
    signal: AbortSignal,
  ): Promise<void>;
  readMallSync(name: string, signal: AbortSignal): Promise<MallSync | null>;
  /** False when one of that name exists already. */
  createMallSync(draft: MallSyncDraft, signal: AbortSignal): Promise<boolean>;
  /** Only that very object. One that is gone is fine. */
  deleteMallSync(mallSync: Pick<MallSync, 'name' | 'uid'>, signal: AbortSignal): Promise<void>;
  /** Rejects with not-found when that very object is gone. */
  saveStatus(mallSync: Pick<MallSync, 'name' | 'uid'>, status: MallSyncStatus, signal: AbortSignal): Promise<void>;
}

/** Something worth telling about a MallSync. */
export interface Notice {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
}

export interface Recorder {
  /** Never rejects and never waits: an Event that cannot be written is logged. */
  record(mallSync: Pick<MallSync, 'name' | 'uid'>, notice: Notice): void;
}
