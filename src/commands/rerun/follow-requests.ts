import type { Database } from '../../adapters/postgres/database.ts';
import { isServed } from '../../adapters/postgres/listen.ts';
import type { RetryRequest, RetryRequests } from '../../adapters/postgres/retry-request.ts';
import { createRetryRequests } from '../../adapters/postgres/retry-request.ts';
import { acceptRequest } from '../../adapters/postgres/retry-request-pick.ts';
import { systemClock } from '../../domain/clock.ts';
import type { RequestPorts } from '../run/execute-request.ts';

/** Who sees to the requests, and until when this process stays with them. */
export type Following = 'queue' | 'default' | 'wait';

export interface Followed {
  readonly requests: readonly RetryRequest[];
  /** A server was connected, so that what is not done yet is left to it. */
  readonly isServed: boolean;
}

/** Longer than a server's poll, for one whose notification was lost. */
const PATIENCE_MS = 5_000;
const POLL_MS = 250;

/**
 * Runs here what no server takes: at once where none is connected; after some patience where one is and the caller wants
 * to wait. Ends early when the signal aborts.
 */
export async function followRequests(
  requestIds: readonly number[],
  following: Following,
  ports: Omit<RequestPorts, 'requests'>,
  signal: AbortSignal,
): Promise<Followed> {
  const requests = createRetryRequests(ports.database);
  const hasServer = await isServed(ports.database);
  if (following !== 'queue') {
    if (hasServer) await waitWhilePending(requestIds, requests, signal);
    if (!hasServer || following === 'wait') await runPending(requestIds, { ...ports, requests }, signal);
    if (following === 'wait') await waitForEnd(requestIds, { ...ports, requests }, signal);
  }
  return { requests: await loadRequests(requestIds, requests), isServed: hasServer };
}

async function runPending(requestIds: readonly number[], ports: RequestPorts, signal: AbortSignal): Promise<void> {
  // loaded only where something is run: asking for it needs none of the engine
  const { executeRequest } = await import('../run/execute-request.ts');
  for (const requestId of requestIds) {
    if (signal.aborted) return;
    const request = await accept(ports.database, ports.requests, requestId);
    if (request !== null) await executeRequest(request, ports, signal);
  }
}

/** Null when it is not PENDING. */
async function accept(database: Database, requests: RetryRequests, requestId: number): Promise<RetryRequest | null> {
  return (await acceptRequest(database.pool, requestId)) ? await requests.find(requestId) : null;
}

async function waitWhilePending(
  requestIds: readonly number[],
  requests: RetryRequests,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + PATIENCE_MS;
  while (!signal.aborted && systemClock.monotonicMs() < deadlineMs) {
    const loaded = await loadRequests(requestIds, requests);
    if (!loaded.some(({ state }) => state === 'PENDING')) return;
    await pause(signal);
  }
}

/** What a server took and then died of is taken up here. */
async function waitForEnd(requestIds: readonly number[], ports: RequestPorts, signal: AbortSignal): Promise<void> {
  const { REQUEST_IDLE_SECONDS } = await import('../run/execute-request.ts');
  while (!signal.aborted) {
    const loaded = await loadRequests(requestIds, ports.requests);
    if (!loaded.some(({ state }) => state === 'PENDING' || state === 'ACCEPTED')) return;
    if ((await ports.requests.reopenAbandoned(REQUEST_IDLE_SECONDS)) > 0) await runPending(requestIds, ports, signal);
    await pause(signal);
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await systemClock.sleep(POLL_MS, signal).catch(() => undefined);
}

async function loadRequests(requestIds: readonly number[], requests: RetryRequests): Promise<readonly RetryRequest[]> {
  const found: RetryRequest[] = [];
  for (const requestId of requestIds) {
    const request = await requests.find(requestId);
    if (request !== null) found.push(request);
  }
  return found;
}
