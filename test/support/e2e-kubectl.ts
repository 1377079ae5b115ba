import { setTimeout as sleep } from 'node:timers/promises';
import { runTool, ToolError } from './e2e-tool.ts';

export interface ToolCall {
  /** Written to standard input: `kubectl(['apply', '-f', '-'], { input })`. */
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** The real kubectl and helm, on one cluster and in one namespace. Both reject with a ToolError that holds what they said. */
export interface ClusterTools {
  readonly namespace: string;
  kubectl(args: readonly string[], call?: ToolCall): Promise<string>;
  /** The same with `--output json`, parsed and not checked. */
  kubectlJson<T>(args: readonly string[], call?: ToolCall): Promise<T>;
  /** One object or several, as `kubectl apply` takes them. */
  apply(objects: object | readonly object[]): Promise<string>;
  helm(args: readonly string[], call?: ToolCall): Promise<string>;
  /** What both run with. */
  readonly env: NodeJS.ProcessEnv;
}

export interface ToolPlace {
  readonly kubeconfig: string;
  readonly path: string;
}

const POLL_MS = 300;

export function createTools({ kubeconfig, path }: ToolPlace, namespace: string): ClusterTools {
  const env = { ...process.env, KUBECONFIG: kubeconfig, PATH: path };
  const run = (program: string, args: readonly string[], call: ToolCall = {}): Promise<string> =>
    runTool(program, ['--namespace', namespace, ...args], { ...call, env });
  const kubectl = (args: readonly string[], call?: ToolCall): Promise<string> => run('kubectl', args, call);
  return {
    namespace,
    env,
    kubectl,
    // what `exec` runs gets every word after its own, so the format stands before all of them
    kubectlJson: async <T>(args: readonly string[], call?: ToolCall) =>
      JSON.parse(await kubectl(['--output', 'json', ...args], call)) as T,
    apply: (objects) => {
      const items = Array.isArray(objects) ? objects : [objects];
      return kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
    },
    helm: (args, call) => run('helm', args, call),
  };
}

/**
 * Asks until there is an answer: `check` gives undefined or false for "not yet". A tool that fails counts as not yet, since
 * servers are restarted under it; every other error ends the wait. At `signal`'s end the error says what `explain` finds.
 */
export async function waitFor<T>(
  what: string,
  check: () => Promise<T | undefined | false>,
  signal: AbortSignal,
  explain: () => Promise<string>,
): Promise<T> {
  let reason = '';
  while (!signal.aborted) {
    try {
      const found = await check();
      if (found !== undefined && found !== false) return found;
      reason = '';
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      reason = `${error.message}\n`;
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  throw new Error(`waited in vain for ${what}\n${reason}${await explain()}`);
}
