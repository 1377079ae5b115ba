import { ClusterError, isClusterError } from '../../../controller/cluster-error.ts';
import { observeRequest, parseLenient, toHttpRequest, type ApiSession } from './api-session.ts';
import type { Identity } from './credentials.ts';
import { untilAborted, withDeadline } from './deadline.ts';
import type { KubeWatch } from './kube-client.ts';
import { renewAfter } from './run-call.ts';
import { toStatusError } from './status-error.ts';
import { startWatch, type WatchAnswer } from './watch-stream.ts';
import type { Wire } from './wire.ts';

/** A server sends the head of a watch at once, whether or not there are events. */
const ACCEPTANCE_MS = 30_000;

export async function openWatch(
  session: ApiSession,
  wire: Wire,
  watch: KubeWatch,
  signal: AbortSignal,
): Promise<AsyncIterable<unknown>> {
  const deadlineMs = Math.min(watch.inactivityMs, ACCEPTANCE_MS);
  const lateness = (): Error =>
    new ClusterError('timeout', `watch ${watch.path}: not accepted within ${deadlineMs} ms`);
  return withDeadline(session.clock, deadlineMs, signal, lateness, async (acceptance) => {
    const identity = await untilAborted(session.credentials.current(), acceptance);
    try {
      return await openOnce(session, wire, watch, identity, signal, acceptance);
    } catch (thrown) {
      const renewed = await renewAfter(session, thrown, identity, acceptance);
      if (renewed === null) throw thrown;
      return openOnce(session, wire, watch, renewed, signal, acceptance);
    }
  });
}

async function openOnce(
  session: ApiSession,
  wire: Wire,
  watch: KubeWatch,
  identity: Identity,
  signal: AbortSignal,
  acceptance: AbortSignal,
): Promise<AsyncIterable<unknown>> {
  const link = await untilAborted(wire.open(identity.tls), acceptance);
  const sentAtMs = session.clock.monotonicMs();
  const request = toHttpRequest(session, identity, { verb: 'watch', path: watch.path, query: watch.query });
  const { clock } = session;
  const { inactivityMs } = watch;
  const onSilence = (sinceMs: number): void => wire.suspect(link, sinceMs);
  let answer: WatchAnswer;
  try {
    answer = await startWatch({ link, clock, request, inactivityMs, signal, onSilence }, acceptance);
  } catch (thrown) {
    observeRequest(session, 'watch', sentAtMs, null);
    if (isClusterError(thrown, 'timeout')) wire.suspect(link, sentAtMs);
    throw thrown;
  }
  observeRequest(session, 'watch', sentAtMs, answer.head.status);
  if ('events' in answer) return answer.events;
  throw toStatusError(answer.head.status, parseLenient(answer.refusal), answer.head.retryAfter);
}
