import type { TransportObserver } from '../adapters/kubernetes/transport/api-session.ts';
import type { KubeTransport } from '../adapters/kubernetes/transport/kube-transport.ts';
import { createKubeTransport } from '../adapters/kubernetes/transport/kube-transport.ts';
import { loadKubeAccess } from '../adapters/kubernetes/transport/load-kube-access.ts';
import { systemClock } from '../domain/clock.ts';
import type { CommandIo } from './command.ts';
import { readVersion } from './version.ts';

export interface ClusterDoor {
  readonly transport: KubeTransport;
  readonly namespace: string;
}

interface ClusterSettings {
  readonly kubeconfig?: string | undefined;
  readonly namespace?: string | undefined;
}

const DEFAULT_NAMESPACE = 'default';

/** Opens the door to the API server for `work`. @throws ClusterError where there is no access to one */
export async function useCluster<T>(
  { kubeconfig, namespace }: ClusterSettings,
  { environment }: Pick<CommandIo, 'environment'>,
  observer: TransportObserver | null,
  work: (door: ClusterDoor) => Promise<T>,
): Promise<T> {
  const load = () =>
    loadKubeAccess(kubeconfig === undefined ? environment : { ...environment, KUBECONFIG: kubeconfig });
  const access = await load();
  const transport = createKubeTransport({
    access,
    reload: load,
    clock: systemClock,
    userAgent: `mallsync/${readVersion()}`,
    ...(observer === null ? {} : { observer }),
  });
  try {
    return await work({ transport, namespace: namespace ?? access.namespace ?? DEFAULT_NAMESPACE });
  } finally {
    await transport.close();
  }
}
