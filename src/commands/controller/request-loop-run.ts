import { readDatabaseClock } from '../../adapters/postgres/database-clock.ts';
import type { RetryItem, RetryRequest } from '../../adapters/postgres/retry-request.ts';
import { listExpandedNames } from '../../adapters/postgres/retry-request-pick.ts';
import { isClusterError } from '../../controller/cluster-error.ts';
import type { MallSyncDraft, MallSyncSpec } from '../../controller/mall-sync.ts';
import type { RunRequest } from '../../controller/request-drafts.ts';
import { buildRequestDrafts } from '../../controller/request-drafts.ts';
import type { Period } from '../../domain/period.ts';
import type { RequestPorts } from './request-loop-ports.ts';
import { isOpen, refuseItems } from './request-loop-ports.ts';

/**
 * Makes the MallSyncs of a request. What became of one that was expanded before stands in the ledger: it is not made
 * again, though it may have been deleted meanwhile.
 */
export async function startRequest(
  request: RetryRequest,
  kind: RunRequest['kind'],
  period: Period,
  ports: RequestPorts,
  signal: AbortSignal,
): Promise<void> {
  const { requestId } = request;
  const expanded = await listExpanded(request, ports);
  if (expanded.length === 0 && period.untilMs > (await readDatabaseClock(ports.database))) {
    const open = request.items.filter(isOpen);
    return await refuseItems(request, open, 'PeriodOpen: the period is not over yet', ports.requests);
  }
  const malls = request.items.map((item) => ({ mallId: item.mallId, isOpen: isOpen(item) }));
  for (const draft of buildRequestDrafts({ ...request, kind, malls })) {
    if (expanded.includes(draft.name)) continue;
    const fault = await createOrExplain(draft, request, period, ports, signal);
    if (fault === null) continue;
    ports.log.warn('retry request refused', { retryRequestId: requestId, mallSync: draft.name, fault });
    await refuseItems(request, listItemsOf(request, draft), fault, ports.requests);
  }
  if (expanded.length > 0) await ports.ledger.reportRequest(requestId);
}

function listExpanded(
  { requestId }: RetryRequest,
  { database, installationId }: RequestPorts,
): Promise<readonly string[]> {
  return listExpandedNames(database.pool, installationId, requestId);
}

/** @returns null when the MallSync is there now, else why there will be no result of it */
async function createOrExplain(
  draft: MallSyncDraft,
  request: RetryRequest,
  period: Period,
  ports: RequestPorts,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    if (await ports.cluster.createMallSync(draft, signal)) return null;
  } catch (error) {
    if (!isClusterError(error, 'invalid')) throw error;
    return `ConfigInvalid: ${error.message}`;
  }
  const existing = await ports.cluster.readMallSync(draft.name, signal);
  if (existing === null) return null;
  const { name, spec, status } = existing;
  if (!isAsAsked(spec, request, period)) return `ConfigInvalid: a MallSync ${name} that asks for something else exists`;
  if (status?.completionTime === undefined || (await listExpanded(request, ports)).includes(name)) return null;
  return `Stopped: MallSync ${name} ended before it began. ${status.explanation}`;
}

function isAsAsked(spec: MallSyncSpec | null, { domainType }: RetryRequest, { fromMs, untilMs }: Period): boolean {
  return spec?.domainType === domainType && spec.period.fromMs === fromMs && spec.period.untilMs === untilMs;
}

function listItemsOf(request: RetryRequest, draft: MallSyncDraft): readonly RetryItem[] {
  const named = draft.spec['mallIds'];
  return request.items.filter((item) => Array.isArray(named) && named.includes(item.mallId));
}
