import { tryMallSync } from '../../adapters/kubernetes/mall-sync-create.ts';
import { releaseJobs } from '../../adapters/kubernetes/release.ts';
import { untilAborted } from '../../adapters/kubernetes/transport/deadline.ts';
import { ClusterError } from '../../controller/cluster-error.ts';
import type { ClusterDoor } from '../use-cluster.ts';
import type { ControllerContext } from './controller-context.ts';
import { stopExecutions } from './release-installation.ts';

const MESSAGE = 'the namespace was deleted';
/** Of the 15 seconds that a pod has after its drain. */
const RELEASE_MS = 8_000;
const DATABASE_MS = 3_000;

/** Nothing is made of it: what it says is asked of the server before anything else of it is looked at. */
const QUESTION = { name: 'namespace-ends', labels: {}, spec: {} };

/**
 * For the last moments of a process. Kubernetes ends the pods of a deleted namespace before all else in it, this controller
 * among them, and then waits for ever for whoever holds a finalizer: so its Jobs are let go of here. Their executions are
 * stopped first, where the database is not part of the namespace and gone already.
 */
export async function leaveEndingNamespace(
  { database, log }: ControllerContext,
  { transport, namespace }: ClusterDoor,
  installationId: string,
): Promise<void> {
  const signal = AbortSignal.timeout(RELEASE_MS);
  try {
    if (!(await isNamespaceEnding({ transport, namespace }, signal))) return;
    const stopping = stopExecutions({ database, installationId, namespace }, MESSAGE);
    const stopped = await untilAborted(stopping, AbortSignal.timeout(DATABASE_MS)).catch((error: unknown) => {
      log.warn('the namespace ends, and its executions could not be stopped', { error });
      return null;
    });
    const { deleted, left } = await releaseJobs({ client: transport.calls, namespace }, signal);
    log.info('the namespace ends: its Jobs were let go', { stopped, deleted, left: left.length });
  } catch (error) {
    log.warn('whether the namespace ends is not known, or its Jobs could not be let go', { error });
  }
}

async function isNamespaceEnding({ transport, namespace }: ClusterDoor, signal: AbortSignal): Promise<boolean> {
  try {
    await tryMallSync(transport.calls, namespace, QUESTION, signal);
    return false;
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    if (error.isTransient || error.kind === 'unauthorized') throw error;
    return error.isNamespaceEnding;
  }
}
