import { isClusterError } from '../../controller/cluster-error.ts';
import type { MallSyncDraft } from '../../controller/mall-sync.ts';
import { FIELD_MANAGER, GROUP, toResourcePath, VERSION } from './resource-path.ts';
import type { KubeClient } from './transport/kube-client.ts';

/** As the API server and `kubectl apply` take it. */
export function buildMallSync({ name, labels, spec }: MallSyncDraft): object {
  return { apiVersion: `${GROUP}/${VERSION}`, kind: 'MallSync', metadata: { name, labels }, spec };
}

/** False when one of that name exists already. What the server does not know it refuses, instead of dropping it. */
export async function createMallSync(
  client: KubeClient,
  namespace: string,
  draft: MallSyncDraft,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await send(client, namespace, draft, {}, signal);
    return true;
  } catch (thrown) {
    if (isClusterError(thrown, 'already-exists')) return false;
    throw thrown;
  }
}

/** Resolves when the server would take it: everything is judged as by `createMallSync`, and nothing is made. */
export async function tryMallSync(
  client: KubeClient,
  namespace: string,
  draft: MallSyncDraft,
  signal: AbortSignal,
): Promise<void> {
  await send(client, namespace, draft, { dryRun: 'All' }, signal);
}

async function send(
  client: KubeClient,
  namespace: string,
  draft: MallSyncDraft,
  more: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const path = toResourcePath('mallsyncs', namespace);
  const query = { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict', ...more };
  await client.call({ verb: 'create', path, query, body: buildMallSync(draft) }, signal);
}
