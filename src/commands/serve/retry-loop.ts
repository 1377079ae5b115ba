import { listenUntilAborted, RETRY_REQUEST_CHANNEL } from '../../adapters/postgres/listen.ts';
import { createRetryRequests } from '../../adapters/postgres/retry-request.ts';
import { createBell } from '../bell.ts';
import { executeRequest, REQUEST_IDLE_SECONDS } from '../run/execute-request.ts';
import type { ServeContext } from './serve-context.ts';
import { guard } from './serve-context.ts';

/** Behind the notification, for those that were lost on their way. */
const POLL_MS = 2_000;

/** Takes retry requests one after the other as they come, until the signal aborts. */
export async function serveRetryRequests(context: ServeContext, signal: AbortSignal): Promise<void> {
  const bell = createBell();
  const onTrouble = (error: unknown): void => context.log.warn('listening is tried again', { error });
  const listener = { channel: RETRY_REQUEST_CHANNEL, onSignal: bell.ring, onTrouble };
  const listening = listenUntilAborted(context.database, listener, context.clock, signal);
  while (!signal.aborted) {
    await guard(context, 'retry requests', signal, () => takeAll(context, signal));
    await bell.wait(POLL_MS, signal);
  }
  await listening;
}

async function takeAll(context: ServeContext, signal: AbortSignal): Promise<void> {
  const requests = createRetryRequests(context.database);
  await requests.reopenAbandoned(REQUEST_IDLE_SECONDS);
  while (!signal.aborted) {
    const request = await requests.takePending();
    if (request === null) return;
    const { requestId, kind, domainType } = request;
    context.log.info('retry request taken', { requestId, kind, domainType, malls: request.items.length });
    await executeRequest(request, { ...context, requests }, signal);
    context.log.info('retry request ended', { requestId });
  }
}
