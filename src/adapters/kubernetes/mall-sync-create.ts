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
  const path = toResourcePath('mallsyncs', namespace);
  const query = { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' };
  try {
    await client.call({ verb: 'create', path, query, body: buildMallSync(draft) }, signal);
    return true;
  } catch (thrown) {
    if (isClusterError(thrown, 'already-exists')) return false;
    throw thrown;
  }
}
