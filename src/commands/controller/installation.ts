import { z } from 'zod';
import type { KubeClient } from '../../adapters/kubernetes/transport/kube-client.ts';

const namespaceObject = z.object({ metadata: z.object({ uid: z.string().min(1) }) });

/**
 * Which executions are this controller's: the cluster, by the uid of its namespace kube-system, and the namespace. It
 * stays the same when the namespace is deleted and made again.
 */
export async function readInstallationId(client: KubeClient, namespace: string, signal: AbortSignal): Promise<string> {
  const raw = await client.call({ verb: 'get', path: '/api/v1/namespaces/kube-system' }, signal);
  return `${namespaceObject.parse(raw).metadata.uid}/${namespace}`;
}
