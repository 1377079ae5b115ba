import type { Database } from '../../adapters/postgres/database.ts';
import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import { listExecutions } from '../../adapters/postgres/execution-store.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import type { RetryKind, RetryWish } from '../../adapters/postgres/retry-request.ts';
import { listLatest, listUnmended } from '../../adapters/postgres/status-reader.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { groupRuns } from '../../domain/rerun-plan.ts';
import { toPeriod } from '../run/period-settings.ts';
import { selectedMalls } from '../settings/selection-settings.ts';
import { toSinceMs } from '../settings/since-settings.ts';
import { createUsageError } from '../usage-error.ts';
import type { RerunSettings } from './rerun-settings.ts';

const DEFAULT_PAGE_SIZE = 1_000;

/**
 * What the settings ask for: one wish a domain type and period; none when there is nothing to run again.
 * @throws SettingsError when an execution or period can't be run; TerminalError ConfigInvalid for an unknown mall
 */
export async function planRequests(
  settings: RerunSettings,
  database: Database,
  requestedBy: string,
): Promise<readonly RetryWish[]> {
  if (settings.start !== undefined) return await planPeriod(settings, database, requestedBy);
  const records = await listRecords(settings, database);
  return groupRecords(records, settings, requestedBy);
}

async function planPeriod(
  settings: RerunSettings,
  database: Database,
  requestedBy: string,
): Promise<readonly RetryWish[]> {
  const period = toPeriod(settings, Date.now());
  if (period.untilMs > Date.now()) throw createUsageError(`--end must be over by now, not ${period.endDate}`);
  const mallIds = selectedMalls(settings);
  const malls = await createMallStore(database).selectMalls(
    mallIds === undefined ? { kind: 'active' } : { kind: 'ids', mallIds },
  );
  const wishes = (settings.domains ?? DOMAIN_TYPES).map((domainType) => ({
    ...buildWish(settings, 'RUN', requestedBy),
    domainType,
    startDate: period.startDate,
    endDate: period.endDate,
    pageSize: settings.pageSize ?? DEFAULT_PAGE_SIZE,
    mallIds: malls.filter((mall) => mall.domainTypes.includes(domainType)).map(({ mallId }) => mallId),
  }));
  const asked = wishes.filter((wish) => wish.mallIds.length > 0);
  if (asked.length === 0) throw createUsageError('--domain must be one that a mall is registered for');
  return asked;
}

async function listRecords(settings: RerunSettings, database: Database): Promise<readonly ExecutionRecord[]> {
  const { executions: executionIds, domains: domainTypes } = settings;
  if (executionIds !== undefined) {
    const found = await listExecutions(database, { executionIds, limit: executionIds.length });
    const missing = executionIds.filter((id) => !found.some(({ executionId }) => executionId === id));
    if (missing.length === 0) return found;
    throw createUsageError(`--execution must be known executions; there is no execution ${missing.join(', ')}`);
  }
  const named = selectedMalls(settings);
  const malls = createMallStore(database);
  // a mall that was taken out of the night is run again only when it is named
  const chosen = await malls.selectMalls(named === undefined ? { kind: 'active' } : { kind: 'ids', mallIds: named });
  const filter = {
    mallIds: chosen.map(({ mallId }) => mallId),
    domainTypes,
    sinceMs: toSinceMs(settings.since, Date.now()),
  };
  if (settings.reprocess) return await listLatest(database.pool, filter);
  const unmended = await listUnmended(database.pool, filter, null);
  return unmended.filter(({ mode }) => mode !== 'REPLAY');
}

function groupRecords(
  records: readonly ExecutionRecord[],
  settings: RerunSettings,
  requestedBy: string,
): readonly RetryWish[] {
  return groupRuns(records).map(({ domainType, startDate, endDate, pageSize, runs }) => ({
    ...buildWish(settings, 'RESUME', requestedBy),
    domainType,
    startDate,
    endDate,
    pageSize: settings.pageSize ?? pageSize,
    mallIds: runs.map(({ mallId }) => mallId),
  }));
}

function buildWish(
  { reprocess, reason }: RerunSettings,
  kind: RetryKind,
  requestedBy: string,
): Pick<RetryWish, 'kind' | 'fingerprints' | 'requestedBy' | 'reason'> {
  return { kind: reprocess ? 'REPROCESS' : kind, fingerprints: null, requestedBy, reason: reason ?? '' };
}
