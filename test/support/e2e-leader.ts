import type { E2eNamespace } from './e2e-namespace.ts';
import { readSeries, type Series } from './metrics-text.ts';

interface LeaseSeen {
  readonly spec: { readonly holderIdentity?: string };
}

/** The pod that leads. Rejects with a ToolError where there is no Lease yet. */
export async function readLeader(namespace: E2eNamespace): Promise<string> {
  const { spec } = await namespace.kubectlJson<LeaseSeen>(['get', 'lease', 'mallsync-controller']);
  // <pod>_<uuid>
  return spec.holderIdentity?.split('_')[0] ?? '';
}

/** Waits until another pod leads than `last`. */
export async function awaitLeader(namespace: E2eNamespace, last = ''): Promise<string> {
  return await namespace.waitFor('another leader', async () => {
    const leader = await readLeader(namespace);
    return leader !== '' && leader !== last && leader;
  });
}

/** What the leader says: only it exports what belongs to all. */
export async function readLeaderMetrics(namespace: E2eNamespace): Promise<Series> {
  const forward = await namespace.forward(`pod/${await awaitLeader(namespace)}`, 9464);
  try {
    return await readSeries(`http://127.0.0.1:${forward.port}`);
  } finally {
    forward.stop();
  }
}

/** As `kubectl drain` asks for it. Rejects where a PodDisruptionBudget is against it. */
export async function evict(namespace: E2eNamespace, pod: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace.namespace}/pods/${pod}/eviction`;
  const eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: pod, namespace: namespace.namespace },
  };
  await namespace.kubectl(['create', '--raw', path, '-f', '-'], { input: JSON.stringify(eviction) });
}
