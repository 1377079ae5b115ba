import { createMallSync } from '../../adapters/kubernetes/mall-sync-create.ts';
import { createKubeTransport } from '../../adapters/kubernetes/transport/kube-transport.ts';
import { loadKubeAccess } from '../../adapters/kubernetes/transport/load-kube-access.ts';
import type { Cluster } from '../../controller/cluster.ts';
import { systemClock } from '../../domain/clock.ts';
import type { CommandIo } from '../command.ts';
import { readVersion } from '../version.ts';
import type { NightlySettings } from './nightly-settings.ts';

const DEFAULT_NAMESPACE = 'default';

/** Opens the door to the API server for `work`. @throws ClusterError where there is no access to one */
export async function useCluster<T>(
  settings: Pick<NightlySettings, 'kubeconfig' | 'namespace'>,
  { environment }: CommandIo,
  work: (cluster: Pick<Cluster, 'createMallSync'>) => Promise<T>,
): Promise<T> {
  const { kubeconfig } = settings;
  const load = () =>
    loadKubeAccess(kubeconfig === undefined ? environment : { ...environment, KUBECONFIG: kubeconfig });
  const access = await load();
  const namespace = settings.namespace ?? access.namespace ?? DEFAULT_NAMESPACE;
  const userAgent = `mallsync/${readVersion()}`;
  const transport = createKubeTransport({ access, reload: load, clock: systemClock, userAgent });
  try {
    return await work({ createMallSync: (draft, signal) => createMallSync(transport.calls, namespace, draft, signal) });
  } finally {
    await transport.close();
  }
}
