import type { Cluster } from '../../controller/cluster.ts';
import { ClusterError, isClusterError } from '../../controller/cluster-error.ts';
import type { MallSync, MallSyncStatus } from '../../controller/mall-sync.ts';
import { createJob, deleteJob, deleteObject, orGone, parseObject, readJob, releaseJob } from './cluster-client-jobs.ts';
import { isJobOf, toJobName } from './job-builder.ts';
import type { JobSettings } from './job-settings.ts';
import { createMallSync } from './mall-sync-create.ts';
import { parseMallSync } from './mall-sync-parser.ts';
import { buildStatusDocument } from './mall-sync-status-document.ts';
import { FIELD_MANAGER, toResourcePath } from './resource-path.ts';
import type { KubeClient } from './transport/kube-client.ts';

export interface ClusterDependencies {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly jobSettings: JobSettings;
  /** The server refuses what it does not know, instead of dropping it. */
  readonly isStrict?: boolean;
}

const JSON_PATCH = 'application/json-patch+json';

/** The writes and live reads of a controller, in one namespace. */
export function createCluster({ client, namespace, jobSettings, isStrict = false }: ClusterDependencies): Cluster {
  const door = { client, namespace };
  const strictness = isStrict ? { fieldValidation: 'Strict' } : undefined;
  const query = { fieldManager: FIELD_MANAGER, ...strictness };
  const readMallSync = async (name: string, signal: AbortSignal): Promise<MallSync | null> => {
    const raw = await orGone(client.call({ verb: 'get', path: toPath(namespace, name) }, signal));
    return raw === null ? null : parseObject(parseMallSync, raw);
  };
  return {
    toJobName,
    isJobOf,
    createJob: (order, signal) => createJob(door, order, jobSettings, query, signal),
    readJob: (name, signal) => readJob(door, name, signal),
    releaseJob: (name, ttlSeconds, signal) => releaseJob(door, name, ttlSeconds, signal),
    deleteJob: (job, signal) => deleteJob(door, job, signal),
    readMallSync,
    createMallSync: (draft, signal) => createMallSync(client, namespace, draft, signal),
    async deleteMallSync({ name, uid }, signal) {
      await deleteObject(client, toPath(namespace, name), uid, signal);
    },
    async saveStatus({ name, uid }, status, signal) {
      const path = toPath(namespace, name, 'status');
      try {
        await client.call(
          { verb: 'patch', path, query, contentType: JSON_PATCH, body: patchStatus(uid, status) },
          signal,
        );
      } catch (thrown) {
        // a test that fails, like any other fault of a patch
        if (!isClusterError(thrown, 'invalid')) throw thrown;
        const current = await readMallSync(name, signal);
        if (current?.uid === uid) throw thrown;
        throw new ClusterError('not-found', `MallSync ${name} is another one now`, { cause: thrown });
      }
    },
  };
}

function toPath(namespace: string, ...rest: readonly string[]): string {
  return toResourcePath('mallsyncs', namespace, ...rest);
}

/**
 * The whole of the status, for that very object only. Server-side apply would not do: below /status it does not look at
 * the uid, and a list that it empties is left out, though the schema requires it.
 */
function patchStatus(uid: string, status: MallSyncStatus): readonly object[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'add', path: '/status', value: buildStatusDocument(status) },
  ];
}
