import type { Database } from '../../src/adapters/postgres/database.ts';
import { ApiServerError } from './api-server-client.ts';
import type { ApiServerClient, KubeObject, WatchEvent } from './api-server-door.ts';
import { playSync, type SyncEnd } from './sync-stand-in.ts';
import { buildPod, buildPodStatus, type PodScene } from './test-kubelet-pods.ts';
import { createJobRecord, type JobRecord, type SeenJob } from './test-kubelet-record.ts';
import {
  buildCompleteStatus,
  buildFailedStatus,
  buildStartedStatus,
  buildSuspendedStatus,
  FAILED_PODS,
  type JobFailure,
} from './test-kubelet-status.ts';

/** What becomes of a Job by itself. */
export interface JobPlay {
  /** Milliseconds from its appearance to its start; default 0. */
  readonly startAfterMs?: number;
  /** Milliseconds from its start to its end; default 0. */
  readonly runMs?: number;
  /** Default `complete`; null: it runs on. */
  readonly end?: 'complete' | JobFailure | null;
  /** What its pod does in the ledger before the Job ends; default: completes the execution when the Job completes. */
  readonly sync?: SyncEnd;
}

export interface TestKubeletOptions {
  readonly client: ApiServerClient;
  readonly namespace: string;
  /** Where the pods do their part; without it Jobs end and the ledger stays. */
  readonly database?: Database;
  /** Null: the Job is left to the test. Without it all Jobs are. */
  readonly play?: (job: SeenJob) => JobPlay | null;
  /** Delete the Jobs whose MallSync is gone. */
  readonly collectsGarbage?: boolean;
  /** Delete finished Jobs after their ttlSecondsAfterFinished. */
  readonly deletesAfterTtl?: boolean;
}

/** Kubelet, Job controller and, when asked, garbage collector of one namespace of a real API server. */
export interface TestKubelet {
  readonly record: Omit<JobRecord, 'add' | 'remove'>;
  /** Resolves as soon as the Jobs seen satisfy the condition. */
  waitUntil(condition: (record: JobRecord) => boolean, signal?: AbortSignal): Promise<void>;
  start(name: string): Promise<void>;
  complete(name: string): Promise<void>;
  fail(name: string, failure?: JobFailure): Promise<void>;
  /** As Kueue does. */
  suspend(name: string, isSuspended: boolean): Promise<void>;
  /** Makes a pod of the Job that shows this. @returns its name */
  showPod(name: string, scene: PodScene): Promise<string>;
  /** Rejects with the first thing that went wrong on the way. */
  stop(): Promise<void>;
}

const FINALIZERS_OF_DELETION = ['foregroundDeletion', 'orphan'];

export function startTestKubelet(options: TestKubeletOptions): TestKubelet {
  const kubelet = new Kubelet(options);
  kubelet.run();
  return kubelet;
}

class Kubelet implements TestKubelet {
  readonly record = createJobRecord();
  readonly #options: TestKubeletOptions;
  readonly #jobs: string;
  readonly #pods: string;
  readonly #stopped = new AbortController();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #work = new Set<Promise<void>>();
  readonly #listeners = new Set<() => void>();
  readonly #failures: unknown[] = [];
  /** Uids of the Jobs whose play has begun. */
  readonly #begun = new Set<string>();
  #podSerial = 0;

  constructor(options: TestKubeletOptions) {
    this.#options = options;
    this.#jobs = `/apis/batch/v1/namespaces/${options.namespace}/jobs`;
    this.#pods = `/api/v1/namespaces/${options.namespace}/pods`;
  }

  run(): void {
    const { client, namespace, collectsGarbage = false } = this.#options;
    const { signal } = this.#stopped;
    this.#track(this.#follow(client.follow(this.#jobs, signal), (event) => this.#onJob(event)));
    if (!collectsGarbage) return;
    const mallSyncs = `/apis/mallsync.io/v1alpha1/namespaces/${namespace}/mallsyncs`;
    this.#track(this.#follow(client.follow(mallSyncs, signal), (event) => this.#onMallSync(event)));
  }

  async waitUntil(condition: (record: JobRecord) => boolean, signal = AbortSignal.timeout(60_000)): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = (): void => (condition(this.record) ? resolve() : undefined);
    const onAbort = (): void =>
      reject(new Error(`the Jobs never came to it: ${JSON.stringify(this.record.list().map(toLine))}`));
    this.#listeners.add(check);
    signal.addEventListener('abort', onAbort);
    check();
    if (signal.aborted) onAbort();
    await promise.finally(() => {
      this.#listeners.delete(check);
      signal.removeEventListener('abort', onAbort);
    });
  }

  async start(name: string): Promise<void> {
    await this.#patchStatus(name, buildStartedStatus());
  }

  async complete(name: string): Promise<void> {
    await this.#patchStatus(name, buildCompleteStatus(await this.#read(name)));
  }

  async fail(name: string, failure: JobFailure = FAILED_PODS): Promise<void> {
    await this.#patchStatus(name, buildFailedStatus(await this.#read(name), failure));
  }

  async suspend(name: string, isSuspended: boolean): Promise<void> {
    await this.#options.client.request('PATCH', `${this.#jobs}/${name}`, { spec: { suspend: isSuspended } });
  }

  async showPod(name: string, scene: PodScene): Promise<string> {
    const { client } = this.#options;
    const pod = await client.request('POST', this.#pods, buildPod(await this.#read(name), (this.#podSerial += 1)));
    const path = `${this.#pods}/${pod.metadata.name}/status`;
    await client.request('PATCH', path, { status: buildPodStatus(pod, scene) });
    return pod.metadata.name;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#work);
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  async #follow(events: AsyncIterable<WatchEvent>, handle: (event: WatchEvent) => void): Promise<void> {
    for await (const event of events) handle(event);
  }

  #onJob({ type, object }: WatchEvent): void {
    if (type === 'DELETED') {
      this.record.remove(object);
      this.#cancel(object.metadata.uid);
      this.#track(this.#removePods(object));
    } else this.#act(this.record.add(object));
    for (const listener of this.#listeners) listener();
  }

  #onMallSync({ type, object }: WatchEvent): void {
    if (type !== 'DELETED') return;
    for (const job of this.record.list()) {
      const owners: readonly KubeObject[] = job.object.metadata.ownerReferences ?? [];
      if (owners.some(({ uid }) => uid === object.metadata.uid)) this.#track(this.#delete(job.name));
    }
  }

  #act(job: SeenJob): void {
    const { metadata, spec, status } = job.object;
    if (metadata.deletionTimestamp !== undefined) {
      const held: readonly string[] = metadata.finalizers ?? [];
      if (held.length > 0 && held.every((name) => FINALIZERS_OF_DELETION.includes(name))) {
        this.#track(this.#patch(job.name, '', { metadata: { finalizers: null } }));
      }
    } else if (job.isFinished) this.#expire(job);
    else if (spec.suspend === true) this.#suspend(job);
    else if (status?.startTime === undefined) this.#begin(job);
  }

  /** The pod ends without a trace in the Job, and begins anew later. */
  #suspend({ uid, name, object }: SeenJob): void {
    this.#cancel(uid);
    if (object.status?.startTime === undefined) return;
    this.#track(this.#patchStatus(name, buildSuspendedStatus()));
  }

  #begin(job: SeenJob): void {
    if (this.#begun.has(job.uid)) return;
    const play = this.#options.play?.(job) ?? null;
    if (play === null) return;
    this.#begun.add(job.uid);
    this.#later(job.uid, play.startAfterMs ?? 0, async () => {
      const started = await this.#patchStatus(job.name, buildStartedStatus());
      if (started === null) return;
      const { end = 'complete' } = play;
      const sync = play.sync ?? (end === 'complete' ? { kind: 'completed' } : { kind: 'untouched' });
      this.#later(job.uid, play.runMs ?? 0, () => this.#end(job, started, end, sync));
    });
  }

  /** @param started the Job as it began: what was seen of it may be older, and its start may not be changed */
  async #end(job: SeenJob, started: KubeObject, end: 'complete' | JobFailure | null, sync: SyncEnd): Promise<void> {
    const { database } = this.#options;
    if (database !== undefined) await playSync(database, job.executionId, sync);
    const { object } = this.record.find(job.name) ?? job;
    if (end === null || object.metadata.deletionTimestamp !== undefined) return;
    const status = end === 'complete' ? buildCompleteStatus(started) : buildFailedStatus(started, end);
    await this.#patchStatus(job.name, status);
  }

  #expire({ uid, name, object }: SeenJob): void {
    const ttl: number | undefined = object.spec.ttlSecondsAfterFinished;
    if (this.#options.deletesAfterTtl !== true || ttl === undefined) return;
    this.#later(uid, ttl * 1000, () => this.#delete(name));
  }

  async #removePods({ metadata }: KubeObject): Promise<void> {
    const { client } = this.#options;
    const label = encodeURIComponent(`batch.kubernetes.io/job-name=${metadata.name}`);
    const { items } = await client.request('GET', `${this.#pods}?labelSelector=${label}`);
    for (const pod of items) await client.request('DELETE', `${this.#pods}/${pod.metadata.name}?gracePeriodSeconds=0`);
  }

  async #delete(name: string): Promise<void> {
    await this.#ignoringGone(
      this.#options.client.request('DELETE', `${this.#jobs}/${name}?propagationPolicy=Background`),
    );
  }

  /** The Job afterwards; null when it is not there any more. */
  #patchStatus(name: string, status: KubeObject): Promise<KubeObject> {
    return this.#patch(name, '/status', { status });
  }

  #patch(name: string, subresource: string, body: KubeObject): Promise<KubeObject> {
    return this.#ignoringGone(this.#options.client.request('PATCH', `${this.#jobs}/${name}${subresource}`, body));
  }

  #read(name: string): Promise<KubeObject> {
    return this.#options.client.request('GET', `${this.#jobs}/${name}`);
  }

  /** Null when it is not there any more. */
  async #ignoringGone(call: Promise<KubeObject>): Promise<KubeObject> {
    return await call.catch((error: unknown) => {
      if (!(error instanceof ApiServerError) || error.status !== 404) throw error;
      return null;
    });
  }

  #later(uid: string, afterMs: number, work: () => Promise<void>): void {
    if (this.#timers.has(uid) || this.#stopped.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(uid);
      this.#track(work());
    }, afterMs);
    this.#timers.set(uid, timer);
  }

  #cancel(uid: string): void {
    clearTimeout(this.#timers.get(uid));
    this.#timers.delete(uid);
    this.#begun.delete(uid);
  }

  #track(work: Promise<unknown>): void {
    const noted: Promise<void> = work
      .then(
        () => undefined,
        (error: unknown) => void this.#failures.push(error),
      )
      .finally(() => this.#work.delete(noted));
    this.#work.add(noted);
  }
}

function toLine({ name, isFinished, object }: SeenJob): string {
  return `${name} ${isFinished ? 'finished' : 'unfinished'} ${object.metadata.deletionTimestamp ?? ''}`;
}
