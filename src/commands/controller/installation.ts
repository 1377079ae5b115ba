import { z } from 'zod';
import type { KubeClient } from '../../adapters/kubernetes/transport/kube-client.ts';
import { ClusterError } from '../../controller/cluster-error.ts';
import type { Clock } from '../../domain/clock.ts';

const ASK_AGAIN_MS = 2_000;

interface Place {
  /** Given where the program has no right to ask for it. */
  readonly clusterId?: string | undefined;
  readonly namespace: string;
}

const namespaceObject = z.object({ metadata: z.object({ uid: z.string().min(1) }) });

/**
 * Which executions are this controller's: the cluster, by `clusterId` or else by the uid of its namespace kube-system, and
 * the namespace. It stays the same when the namespace is deleted and made again.
 */
export async function readInstallationId(
  client: Pick<KubeClient, 'call'>,
  { clusterId, namespace }: Place,
  signal: AbortSignal,
): Promise<string> {
  return `${clusterId ?? (await readClusterUid(client, signal))}/${namespace}`;
}

async function readClusterUid(client: Pick<KubeClient, 'call'>, signal: AbortSignal): Promise<string> {
  const raw = await client.call({ verb: 'get', path: '/api/v1/namespaces/kube-system' }, signal);
  return namespaceObject.parse(raw).metadata.uid;
}

/** The same, asked until the API server answers: a controller that starts during an outage works when that is over. */
export async function awaitInstallationId(
  client: Pick<KubeClient, 'call'>,
  place: Place,
  onTrouble: (error: unknown) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    try {
      return await readInstallationId(client, place, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof ClusterError && error.isTransient)) throw error;
      onTrouble(error);
    }
    await clock.sleep(ASK_AGAIN_MS, signal);
  }
}
