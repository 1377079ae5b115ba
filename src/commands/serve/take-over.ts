import { listTakeable } from '../../adapters/postgres/execution-store.ts';
import { loadLocalInstallationId } from '../../adapters/postgres/installation.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { parsePeriod } from '../../domain/period.ts';
import { runItems } from '../run/run-items.ts';
import type { WorkItem } from '../run/work-item.ts';
import type { ServeContext } from './serve-context.ts';

/** Goes on with the local executions whose process has gone. */
export async function takeOverLost(context: ServeContext, signal: AbortSignal): Promise<void> {
  const installationId = await loadLocalInstallationId(context.database);
  const records = await listTakeable(context.database, installationId);
  if (records.length === 0) return;
  const mallIds = [...new Set(records.map(({ mallId }) => mallId))];
  const malls = await createMallStore(context.database).selectMalls({ kind: 'ids', mallIds });
  const items = records.flatMap((record): readonly WorkItem[] => {
    const mall = malls.find(({ mallId }) => mallId === record.mallId);
    if (mall === undefined) return [];
    const { domainType, pageSize, mode, trigger, reason, requestedBy } = record;
    const period = parsePeriod(record.startDate, record.endDate);
    return [
      {
        mall,
        domainType,
        period,
        pageSize,
        mode,
        trigger,
        reason,
        requestedBy,
        attemptCount: null,
        fingerprints: null,
      },
    ];
  });
  context.log.info('lost executions are gone on with', { executions: items.length });
  await runItems(items, context.options, context.watch, signal);
}
