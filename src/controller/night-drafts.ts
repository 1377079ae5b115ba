import type { PlannedSync } from '../domain/night-plan.ts';
import type { PlannedReread } from '../domain/reread-plan.ts';
import { startOfSeoulDay, toSeoulDay } from '../domain/seoul-time.ts';
import { CATCH_UP_PREFIX, CATCH_UP_PRIORITY } from './default-priority.ts';
import type { MallSyncDraft } from './mall-sync.ts';
import { chunkMalls } from './mall-chunks.ts';
import { toNameHash } from './name-hash.ts';

const REQUESTED_BY = 'mallsync nightly';

/** Years of a mall at its own call limit take longer than a night has. */
const REREAD_DEADLINE_SECONDS = 172_800;

export interface NightDraftOptions {
  /** The one that the plan was made for. */
  readonly scheduledAtMs: number;
  readonly pageSize: number;
}

/** `yyyymmdd` of the night that is due at `scheduledAtMs`: the day before it. */
export function toNight(scheduledAtMs: number): string {
  return compactDay(startOfSeoulDay(scheduledAtMs) - 1);
}

/**
 * The MallSyncs of a night. Whoever plans the same night again gives them the same names. A catch-up is named for its
 * night as well as for its day and malls: what failed is tried again the next night, while the object of the last one
 * still exists. It belongs to the night (NIGHTLY), since a back-fill would wait for calls until the night is over.
 */
export function buildNightDrafts(
  plan: readonly PlannedSync[],
  { scheduledAtMs, pageSize }: NightDraftOptions,
): readonly MallSyncDraft[] {
  const night = toNight(scheduledAtMs);
  const labels = { 'mallsync.io/trigger': 'NIGHTLY', 'mallsync.io/night': night };
  return plan.flatMap(({ kind, domainType, period, mallIds }): readonly MallSyncDraft[] => {
    const { startDate, endDate } = period;
    const domain = domainType.toLowerCase();
    const spec = { domainType, startDate, endDate, pageSize, trigger: 'NIGHTLY', requestedBy: REQUESTED_BY };
    if (kind === 'nightly') return [{ name: `nightly-${domain}-${night}`, labels, spec }];
    return chunkMalls(mallIds).map((malls) => ({
      name: `${CATCH_UP_PREFIX}${domain}-${compactDay(period.fromMs)}-${toNameHash([night, ...malls])}`,
      labels,
      spec: { ...spec, mallIds: malls, priority: CATCH_UP_PRIORITY, reason: `missing on the night of ${night}` },
    }));
  });
}

/** The MallSyncs that read everything again; each is a new instance by its period, so that none is a reprocess. */
export function buildRereadDrafts(
  plan: readonly PlannedReread[],
  { scheduledAtMs, pageSize }: NightDraftOptions,
): readonly MallSyncDraft[] {
  const labels = { 'mallsync.io/trigger': 'BACKFILL', 'mallsync.io/night': toNight(scheduledAtMs) };
  return plan.flatMap(({ domainType, period, mallIds }) => {
    const days = `${compactDay(period.fromMs)}-${compactDay(period.untilMs - 1)}`;
    return chunkMalls(mallIds).map((malls) => ({
      name: `reread-${domainType.toLowerCase()}-${days}-${toNameHash(malls)}`,
      labels,
      spec: {
        domainType,
        startDate: period.startDate,
        endDate: period.endDate,
        mallIds: malls,
        pageSize,
        trigger: 'BACKFILL',
        requestedBy: REQUESTED_BY,
        reason: 'everything is read again',
        activeDeadlineSeconds: REREAD_DEADLINE_SECONDS,
      },
    }));
  });
}

function compactDay(instantMs: number): string {
  return toSeoulDay(instantMs).replaceAll('-', '');
}
