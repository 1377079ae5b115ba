import { z } from 'zod';
import type { JobOrder } from '../../controller/cluster.ts';
import { ClusterError, isClusterError } from '../../controller/cluster-error.ts';
import type { ObservedJob } from '../../controller/observed-job.ts';
import { buildJob, toJobName } from './job-builder.ts';
import { parseJob } from './job-parser.ts';
import type { JobSettings } from './job-settings.ts';
import { objectMeta } from './object-meta.ts';
import { FIELD_MANAGER, OUTCOME_FINALIZER, toResourcePath } from './resource-path.ts';
import type { KubeClient } from './transport/kube-client.ts';

const identified = z.object({ metadata: objectMeta.pick({ uid: true }) });
const STRATEGIC_MERGE = 'application/strategic-merge-patch+json';

/** Where Jobs are asked for. */
export interface JobDoor {
  readonly client: KubeClient;
  readonly namespace: string;
}

/** Null when it was created, else the Job of that name. One call, two when the name is taken. */
export async function createJob(
  door: JobDoor,
  order: JobOrder,
  settings: JobSettings,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ObservedJob | null> {
  const path = toResourcePath('jobs', door.namespace);
  try {
    await door.client.call({ verb: 'create', path, query, body: buildJob(order, settings) }, signal);
    return null;
  } catch (thrown) {
    if (!isClusterError(thrown, 'already-exists')) throw thrown;
    const name = toJobName(order);
    const existing = await readJob(door, name, signal);
    if (existing !== null) return existing;
    throw new ClusterError('conflict', `Job ${name} went away while it was created`, { cause: thrown });
  }
}

export async function readJob(door: JobDoor, name: string, signal: AbortSignal): Promise<ObservedJob | null> {
  const path = toResourcePath('jobs', door.namespace, name);
  const raw = await orGone(door.client.call({ verb: 'get', path }, signal));
  return raw === null ? null : parseObject(parseJob, raw);
}

/** Finalizer and life time in one request: apart, a crash between them would leave a Job for ever. */
export async function releaseJob(door: JobDoor, name: string, ttlSeconds: number, signal: AbortSignal): Promise<void> {
  await patchJob(door, name, { ...withoutFinalizer(), spec: { ttlSecondsAfterFinished: ttlSeconds } }, signal);
}

/**
 * Two calls at most: none of them waits for a garbage collector. The deletion comes first, so that a Job without our
 * finalizer is never left to run.
 */
export async function deleteJob(
  door: JobDoor,
  job: Pick<ObservedJob, 'name' | 'uid' | 'isDeleting' | 'hasOutcomeFinalizer'>,
  signal: AbortSignal,
): Promise<void> {
  if (!job.isDeleting) {
    const isThere = await deleteObject(door.client, toResourcePath('jobs', door.namespace, job.name), job.uid, signal);
    if (!isThere) return;
  }
  if (!job.hasOutcomeFinalizer) return;
  try {
    await patchJob(door, job.name, withoutFinalizer(job.uid), signal);
  } catch (thrown) {
    // a foreign uid is refused as an invalid change of the field
    if (!isClusterError(thrown, 'invalid')) throw thrown;
    const current = await readJob(door, job.name, signal);
    if (current?.uid === job.uid) throw thrown;
  }
}

/** Deletes that very object with what it owns. @returns false when it is gone */
export async function deleteObject(
  client: KubeClient,
  path: string,
  uid: string,
  signal: AbortSignal,
): Promise<boolean> {
  // without a policy batch/v1 orphans the pods, and waits for a garbage collector to do so
  const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background', preconditions: { uid } };
  try {
    return (await orGone(client.call({ verb: 'delete', path, body }, signal))) !== null;
  } catch (thrown) {
    if (!isClusterError(thrown, 'conflict')) throw thrown;
    // of another uid, most likely; not every conflict is about that
    const current = await orGone(client.call({ verb: 'get', path }, signal));
    if (current !== null && parseObject(readUid, current) === uid) throw thrown;
    return false;
  }
}

function readUid(raw: unknown): string {
  return identified.parse(raw).metadata.uid;
}

/** @throws ClusterError when the server sent something else. */
export function parseObject<T>(parse: (raw: unknown) => T, raw: unknown): T {
  try {
    return parse(raw);
  } catch (thrown) {
    throw new ClusterError('unavailable', 'the API server sent what cannot be read', { cause: thrown });
  }
}

/** Null where the object is gone. */
export async function orGone(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (thrown) {
    if (isClusterError(thrown, 'not-found')) return null;
    throw thrown;
  }
}

async function patchJob(door: JobDoor, name: string, body: object, signal: AbortSignal): Promise<void> {
  const path = toResourcePath('jobs', door.namespace, name);
  const query = { fieldManager: FIELD_MANAGER };
  await orGone(door.client.call({ verb: 'patch', path, query, contentType: STRATEGIC_MERGE, body }, signal));
}

function withoutFinalizer(uid?: string): { readonly metadata: object } {
  const metadata = { '$deleteFromPrimitiveList/finalizers': [OUTCOME_FINALIZER] };
  return { metadata: uid === undefined ? metadata : { ...metadata, uid } };
}
