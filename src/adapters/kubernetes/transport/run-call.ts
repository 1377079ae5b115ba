import { ClusterError, isClusterError } from '../../../controller/cluster-error.ts';
import { observeRequest, parseLenient, toHttpRequest, type ApiSession } from './api-session.ts';
import type { Identity } from './credentials.ts';
import { untilAborted } from './deadline.ts';
import { ConnectionError, exchange, type HttpAnswer } from './exchange.ts';
import type { KubeCall } from './kube-client.ts';
import { decideRetryDelayMs } from './retry-decision.ts';
import { toStatusError } from './status-error.ts';
import type { Wire } from './wire.ts';

/**
 * Sends the call, and again where that is certainly harmless.
 *
 * @param endsAtMs by the monotonic clock; `scope` aborts then
 */
export async function runCall(
  session: ApiSession,
  wire: Wire,
  call: KubeCall,
  endsAtMs: number,
  scope: AbortSignal,
): Promise<unknown> {
  let identity = await untilAborted(session.credentials.current(), scope);
  let isRenewed = false;
  for (let tries = 1; ; tries++) {
    try {
      return await tryOnce(session, wire, call, identity, scope);
    } catch (thrown) {
      if (!(thrown instanceof ClusterError) || scope.aborted) throw thrown;
      const renewed = isRenewed ? null : await renewAfter(session, thrown, identity, scope);
      if (renewed !== null) {
        identity = renewed;
        isRenewed = true;
        continue;
      }
      const failed = {
        verb: call.verb,
        error: thrown,
        isUnanswered: thrown instanceof ConnectionError && !thrown.hasAnswerBegun,
        tries,
        remainingMs: endsAtMs - session.clock.monotonicMs(),
      };
      const delayMs = decideRetryDelayMs(failed, session.random);
      if (delayMs === null) throw thrown;
      await session.clock.sleep(delayMs, scope);
    }
  }
}

/** Newer credentials after a 401; null when that was no 401 or there are none. */
export async function renewAfter(
  session: ApiSession,
  thrown: unknown,
  refused: Identity,
  scope: AbortSignal,
): Promise<Identity | null> {
  if (!isClusterError(thrown, 'unauthorized')) return null;
  const renewed = await untilAborted(session.credentials.renew(refused), scope);
  return renewed === refused ? null : renewed;
}

async function tryOnce(
  session: ApiSession,
  wire: Wire,
  call: KubeCall,
  identity: Identity,
  scope: AbortSignal,
): Promise<unknown> {
  const link = await untilAborted(wire.open(identity.tls), scope);
  const sentAtMs = session.clock.monotonicMs();
  let answer: HttpAnswer;
  try {
    answer = await exchange(link, session.clock, toHttpRequest(session, identity, call), scope);
  } catch (thrown) {
    observeRequest(session, call.verb, sentAtMs, null);
    if (isClusterError(thrown, 'timeout')) wire.suspect(link, sentAtMs);
    throw thrown;
  }
  observeRequest(session, call.verb, sentAtMs, answer.status);
  if (answer.status >= 300) throw toStatusError(answer.status, parseLenient(answer.body), answer.retryAfter);
  return parseAnswer(answer);
}

function parseAnswer({ status, body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (thrown) {
    throw new ClusterError('unavailable', 'the answer is no JSON', { status, cause: thrown });
  }
}
