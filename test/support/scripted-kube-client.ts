import type { KubeCall, KubeClient, KubeWatch } from '../../src/adapters/kubernetes/transport/kube-client.ts';

/** What one request meets; requests beyond the script stay without an answer until they are given up. */
export type ScriptedStep =
  | { readonly answer: unknown }
  | { readonly failure: unknown }
  /** A watch's lines, then its end: the server's, a break, or none. */
  | { readonly lines: readonly unknown[]; readonly end: 'closed' | 'open' | Error };

export interface ScriptedKubeClient extends Pick<KubeClient, 'call' | 'watch'> {
  readonly requests: readonly (KubeCall | KubeWatch)[];
  /** Resolves when everything of the script has been asked for. */
  readonly finished: Promise<void>;
}

/** @param onWatchEnd runs between the last line of a watch and its end */
export function createScriptedKubeClient(
  script: readonly ScriptedStep[],
  onWatchEnd: () => void = () => undefined,
): ScriptedKubeClient {
  const requests: (KubeCall | KubeWatch)[] = [];
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const meet = async (request: KubeCall | KubeWatch, signal: AbortSignal): Promise<ScriptedStep> => {
    signal.throwIfAborted();
    const step = script[requests.length];
    requests.push(request);
    if (step !== undefined) return step;
    finish();
    return await untilAborted(signal);
  };
  return {
    requests,
    finished,
    async call(call, signal) {
      const step = await meet(call, signal);
      if ('failure' in step) throw step.failure;
      if ('answer' in step) return step.answer;
      throw new TypeError(`the script has a watch where ${call.verb} ${call.path} was asked for`);
    },
    async watch(watch, signal) {
      const step = await meet(watch, signal);
      if ('failure' in step) throw step.failure;
      if ('lines' in step) return runLines(step, onWatchEnd, signal);
      throw new TypeError(`the script has an answer where ${watch.path} was to be watched`);
    },
  };
}

async function* runLines(
  { lines, end }: Extract<ScriptedStep, { lines: unknown }>,
  onWatchEnd: () => void,
  signal: AbortSignal,
): AsyncGenerator {
  yield* lines;
  if (end === 'open') await untilAborted(signal);
  onWatchEnd();
  if (end instanceof Error) throw end;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal.aborted) reject(signal.reason);
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return promise;
}
