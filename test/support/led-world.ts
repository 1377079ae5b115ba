import type { KubeObject } from './api-server-door.ts';
import { createClusterWorld, type ClusterWorld } from './cluster-world.ts';
import { followMallSyncs, type MallSyncHistory } from './mall-sync-history.ts';
import type { Started } from './program.ts';
import type { JobPlay, TestKubelet, TestKubeletOptions } from './test-kubelet.ts';
import type { SeenJob } from './test-kubelet-record.ts';

/** A world in which a controller leads and a kubelet plays. */
export interface LedWorld extends ClusterWorld {
  readonly kubelet: TestKubelet;
  readonly history: MallSyncHistory;
  readonly controller: Started;
  /** What becomes of the malls' Jobs; null leaves them to the test. Those of other malls complete at once. */
  play(mallIds: readonly number[], part: JobPlay | null | ((job: SeenJob) => JobPlay | null)): void;
  /** Creates a MallSync and resolves with it once it has ended. */
  runToEnd(name: string, spec: Readonly<Record<string, unknown>>): Promise<KubeObject>;
  waitForEnd(name: string): Promise<KubeObject>;
  /** The executions of a MallSync, in order of their numbers. */
  listRuns(mallSyncName: string): Promise<readonly RunRow[]>;
  /** Resolves with the Job of a mall, and of an attempt when one is given, as soon as the kubelet sees it. */
  waitForJob(mallId: number, attemptCount?: number): Promise<SeenJob>;
  readJob(name: string): Promise<KubeObject>;
  /** `[type, reason, note]` of each Event about a MallSync, as they are told. */
  listEvents(mallSyncName: string): Promise<readonly (readonly [string, string, string])[]>;
}

export interface RunRow {
  readonly executionId: number;
  readonly mallId: number;
  readonly attemptCount: number;
  readonly status: string;
  readonly mode: string;
  readonly reason: string | null;
  readonly message: string | null;
  readonly jobName: string | null;
  readonly fenceToken: number;
  readonly isLaunched: boolean;
  readonly isRecorded: boolean;
}

export interface LedWorldOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly kubelet?: Partial<TestKubeletOptions>;
}

/** A busy machine is no matter of these tests. */
const PATIENT_LEASE = { MALLSYNC_LEADER_LEASE_SECONDS: '60', MALLSYNC_LEADER_RENEW_SECONDS: '40' };

export async function createLedWorld({
  environment = {},
  kubelet: more = {},
}: LedWorldOptions = {}): Promise<LedWorld> {
  const world = await createClusterWorld();
  const parts = new Map<number, (job: SeenJob) => JobPlay | null>();
  const play = (job: SeenJob): JobPlay | null => (parts.get(job.mallId) ?? (() => ({})))(job);
  const kubelet = await world.startKubelet({ play, ...more });
  const controller = world.startController({ ...PATIENT_LEASE, ...environment });
  await controller.waitForError(/"leading"/);
  const jobs = `/apis/batch/v1/namespaces/${world.namespace}/jobs`;
  const died = failWhenEnded(controller);
  const waitFor: ClusterWorld['waitFor'] = (...args) => Promise.race([world.waitFor(...args), died]);
  const waitForEnd = (name: string): Promise<KubeObject> => waitFor(name, isOver);
  return {
    ...world,
    waitFor,
    kubelet,
    history: followMallSyncs(world),
    controller,
    play: (mallIds, part) => {
      for (const mallId of mallIds) parts.set(mallId, typeof part === 'function' ? part : () => part);
    },
    async runToEnd(name, spec) {
      await world.create(name, spec);
      return await waitForEnd(name);
    },
    waitForEnd,
    listRuns: (name) => listRuns(world, name),
    async waitForJob(mallId, attemptCount) {
      const find = (): SeenJob | undefined =>
        kubelet.record
          .list()
          .find((job) => job.mallId === mallId && (attemptCount === undefined || job.attemptCount === attemptCount));
      await kubelet.waitUntil(() => find() !== undefined);
      return find() as SeenJob;
    },
    readJob: (name) => world.client.request('GET', `${jobs}/${name}`),
    async listEvents(name) {
      const events = `/apis/events.k8s.io/v1/namespaces/${world.namespace}/events`;
      const { items } = await world.client.request('GET', `${events}?fieldSelector=regarding.name%3D${name}`);
      return items
        .toSorted((a: KubeObject, b: KubeObject) => (a.eventTime < b.eventTime ? -1 : 1))
        .map(({ type, reason, note }: KubeObject) => [type, reason, note]);
    },
  };
}

/** Rejects when the controller ends by itself, as it does when it cannot renew its Lease. */
function failWhenEnded({ process, finished }: Started): Promise<never> {
  const died = Promise.withResolvers<never>();
  const watch = async (): Promise<void> => {
    const { exitCode, stderr } = await finished;
    if (!process.killed) died.reject(new Error(`the controller ended with ${exitCode}: ${stderr.slice(-2_000)}`));
  };
  died.promise.catch(() => undefined);
  void watch();
  return died.promise;
}

export function isOver(mallSync: KubeObject): boolean {
  const { metadata, status } = mallSync ?? {};
  return status?.completionTime !== undefined && status.observedGeneration === metadata.generation;
}

/** Status and reason of a condition. */
export function conditionOf({ status }: KubeObject, type: string): readonly [string, string] {
  const found = status?.conditions?.find((condition: KubeObject) => condition.type === type);
  return [found?.status, found?.reason];
}

function listRuns({ database }: ClusterWorld, mallSyncName: string): Promise<readonly RunRow[]> {
  return database.query(
    `select execution_id::integer as "executionId", mall_id::integer as "mallId", attempt_count as "attemptCount",
       status, mode, failure_reason as reason, failure_message as message, job_name as "jobName",
       fence_token::integer as "fenceToken", launched_at is not null as "isLaunched",
       recorded_at is not null as "isRecorded"
     from mallsync.tb_batch_execution_summary where mallsync_name = $1 order by execution_id`,
    [mallSyncName],
  );
}
