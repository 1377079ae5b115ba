import { listenUntilAborted, RETRY_REQUEST_CHANNEL } from '../../adapters/postgres/listen.ts';
import type { RetryKind } from '../../adapters/postgres/retry-request.ts';
import { createRetryRequests, RETRY_KINDS } from '../../adapters/postgres/retry-request.ts';
import { createBell } from '../bell.ts';
import { executeRequest, REQUEST_IDLE_SECONDS } from '../run/execute-request.ts';
import type { ServeContext } from './serve-context.ts';
import { guard } from './serve-context.ts';

/** Behind the notification, for those that were lost on their way. */
const POLL_MS = 2_000;

/** One for each domain type, so that a click on a night's failures is not read one domain type after the other. */
const RUNS_AT_ONCE = 3;
const RUN_KINDS = RETRY_KINDS.filter((kind) => kind !== 'STOP');

/**
 * Takes retry requests as they come, until the signal aborts. A stop waits for no run: it may be the very one that it is
 * about.
 */
export async function serveRetryRequests(context: ServeContext, signal: AbortSignal): Promise<void> {
  const lanes = [['STOP'] as const, ...Array.from({ length: RUNS_AT_ONCE }, () => RUN_KINDS)].map((kinds) => ({
    kinds,
    bell: createBell(),
  }));
  const onSignal = (): void => lanes.forEach(({ bell }) => bell.ring());
  const onTrouble = (error: unknown): void => context.log.warn('listening is tried again', { error });
  const listener = { channel: RETRY_REQUEST_CHANNEL, onSignal, onTrouble };
  const serveLane = async ({ kinds, bell }: (typeof lanes)[number]): Promise<void> => {
    while (!signal.aborted) {
      await guard(context, 'retry requests', signal, () => takeAll(context, kinds, signal));
      await bell.wait(POLL_MS, signal);
    }
  };
  await Promise.all([listenUntilAborted(context.database, listener, context.clock, signal), ...lanes.map(serveLane)]);
}

async function takeAll(context: ServeContext, kinds: readonly RetryKind[], signal: AbortSignal): Promise<void> {
  const requests = createRetryRequests(context.database);
  await requests.reopenAbandoned(REQUEST_IDLE_SECONDS);
  while (!signal.aborted) {
    const request = await requests.takePending(kinds);
    if (request === null) return;
    const { requestId, kind, domainType } = request;
    context.log.info('retry request taken', {
      retryRequestId: requestId,
      kind,
      domainType,
      malls: request.items.length,
    });
    await executeRequest(request, { ...context, requests }, signal);
    context.log.info('retry request ended', { retryRequestId: requestId });
  }
}
