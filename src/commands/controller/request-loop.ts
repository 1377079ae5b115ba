import { listenUntilAborted, RETRY_REQUEST_CHANNEL } from '../../adapters/postgres/listen.ts';
import type { RetryRequest } from '../../adapters/postgres/retry-request.ts';
import { createRetryRequests } from '../../adapters/postgres/retry-request.ts';
import { keepRequests, listExpandedNames } from '../../adapters/postgres/retry-request-pick.ts';
import { ClusterError } from '../../controller/cluster-error.ts';
import { LeaseLostError, SyncError, toSyncError } from '../../domain/errors.ts';
import type { Period } from '../../domain/period.ts';
import { parsePeriod } from '../../domain/period.ts';
import { createBell } from '../bell.ts';
import type { RequestLoopPorts, RequestPorts } from './request-loop-ports.ts';
import { isOpen, refuseItems } from './request-loop-ports.ts';
import { startRequest } from './request-loop-run.ts';
import { stopItems } from './request-loop-stop.ts';

/** Behind the notification, for those that were lost on their way. */
const POLL_MS = 2_000;
/** A request that nobody says anything of for so long is another's to take. */
const IDLE_SECONDS = 120;
const HEARTBEAT_MS = 30_000;
const MOST_RESUMED = 1_000;

/** Requests that were taken and that the API server or the database kept from being carried out. */
type Held = Map<number, RetryRequest>;

/**
 * Takes retry requests as they come and makes MallSyncs of them, until the signal aborts. Results come from the ledger,
 * by whoever looks at the MallSyncs. @throws LeaseLostError when another leads
 */
export async function runRequestLoop(loopPorts: RequestLoopPorts, signal: AbortSignal): Promise<void> {
  const { database, clock, log } = loopPorts;
  const ports: RequestPorts = { ...loopPorts, requests: createRetryRequests(database) };
  const bell = createBell();
  const onTrouble = (error: unknown): void => log.warn('listening is tried again', { error });
  const ended = new AbortController();
  const listenSignal = AbortSignal.any([signal, ended.signal]);
  const listening = listenUntilAborted(
    database,
    { channel: RETRY_REQUEST_CHANNEL, onSignal: bell.ring, onTrouble },
    clock,
    listenSignal,
  );
  const held: Held = new Map();
  let beatAtMs = Number.NEGATIVE_INFINITY;
  let isResumed = false;
  try {
    while (!signal.aborted) {
      if (clock.monotonicMs() - beatAtMs >= HEARTBEAT_MS) {
        await guard('retry request heartbeat', ports, signal, () => keepAlive(held, ports));
        beatAtMs = clock.monotonicMs();
      }
      await guard('retry requests', ports, signal, async () => {
        if (!isResumed) await resumeOwn(held, ports, signal);
        isResumed = true;
        await takeAll(held, ports, signal);
      });
      await bell.wait(POLL_MS, signal);
    }
  } finally {
    ended.abort();
    await listening;
  }
}

async function guard(
  task: string,
  { log }: RequestPorts,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof LeaseLostError) throw error;
    if (!signal.aborted) log.error('task failed', { task, error });
  }
}

async function keepAlive(held: Held, { view, database }: RequestPorts): Promise<void> {
  const waiting = view
    .listMallSyncs()
    .filter(({ status }) => status?.completionTime === undefined)
    .flatMap(({ retryRequestId }) => retryRequestId ?? []);
  const requestIds = [...new Set([...waiting, ...held.keys()])];
  if (requestIds.length > 0) await keepRequests(database.pool, requestIds);
}

/** Those that an earlier term took and may have left half done: some of their MallSyncs missing, or a result. */
async function resumeOwn(held: Held, ports: RequestPorts, signal: AbortSignal): Promise<void> {
  const { database, installationId, requests } = ports;
  for (const request of await requests.list({ states: ['ACCEPTED'] }, MOST_RESUMED)) {
    const expanded = await listExpandedNames(database.pool, installationId, request.requestId);
    if (expanded.length > 0) await carryOut(request, held, ports, signal);
  }
}

async function takeAll(held: Held, ports: RequestPorts, signal: AbortSignal): Promise<void> {
  for (const request of held.values()) {
    if (!(await carryOut(request, held, ports, signal))) return;
  }
  await ports.requests.reopenAbandoned(IDLE_SECONDS);
  while (!signal.aborted) {
    const request = await ports.requests.takePending();
    if (request === null) return;
    const { requestId, kind, domainType } = request;
    ports.log.info('retry request taken', { retryRequestId: requestId, kind, domainType, malls: request.items.length });
    if (!(await carryOut(request, held, ports, signal))) return;
  }
}

/** False when it is held to be tried again in the next round. */
async function carryOut(request: RetryRequest, held: Held, ports: RequestPorts, signal: AbortSignal): Promise<boolean> {
  const { requestId } = request;
  try {
    const period = await readPeriod(request, ports);
    if (period !== null && request.kind === 'STOP') await stopItems(request, period, ports);
    if (period !== null && request.kind !== 'STOP') await startRequest(request, request.kind, period, ports, signal);
    const after = await ports.requests.find(requestId);
    if (after !== null && !after.items.some(isOpen)) await ports.requests.finish(requestId);
    held.delete(requestId);
    return true;
  } catch (error) {
    held.delete(requestId);
    // what is not held has no sign of life, and is taken up again later
    if (!mayPass(error)) throw error;
    held.set(requestId, request);
    ports.log.warn('retry request is tried again', { retryRequestId: requestId, error });
    return false;
  }
}

/** Null when it cannot be read, and the request was refused for it. */
async function readPeriod(request: RetryRequest, { requests }: RequestPorts): Promise<Period | null> {
  try {
    return parsePeriod(request.startDate, request.endDate);
  } catch (error) {
    const { reason, message } = toSyncError(error);
    await refuseItems(request, request.items.filter(isOpen), `${reason}: ${message}`, requests);
    return null;
  }
}

function mayPass(error: unknown): boolean {
  return (error instanceof ClusterError || error instanceof SyncError) && error.isTransient;
}
