import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ClusterError } from '../../../controller/cluster-error.ts';
import { parseKubeAccess, type KubeAccess } from './kube-access.ts';

const PROGRAM = fileURLToPath(new URL('print-kube-access.ts', import.meta.url));

/** A credential plugin may ask a person or a slow identity provider. */
const LONGEST_RUN_MS = 60_000;
const LONGEST_OUTPUT = 1_048_576;

/**
 * Reads KUBECONFIG, ~/.kube/config or the pod's service account, credential plugins included. Takes about a second.
 * @throws ClusterError unauthorized when there is nothing to read or it cannot be read.
 */
export async function loadKubeAccess(env: NodeJS.ProcessEnv = process.env): Promise<KubeAccess> {
  try {
    const options = { env, timeout: LONGEST_RUN_MS, maxBuffer: LONGEST_OUTPUT };
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM], options);
    return parseKubeAccess(JSON.parse(stdout));
  } catch (thrown) {
    throw new ClusterError('unauthorized', `no access to a cluster: ${explain(thrown)}`, { cause: thrown });
  }
}

/** The sentence among what a program says before it ends. */
function explain(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const said = 'stderr' in thrown && typeof thrown.stderr === 'string' ? thrown.stderr : '';
  return /^\w*Error: (?<sentence>.+)$/m.exec(said)?.groups?.['sentence'] ?? thrown.message;
}
