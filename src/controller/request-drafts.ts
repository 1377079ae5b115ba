import type { DomainType } from '../domain/domain-type.ts';
import type { MallSyncDraft } from './mall-sync.ts';
import { chunkMalls } from './mall-chunks.ts';

/** Its value is the id of the retry request that the MallSync was made for. */
const RETRY_REQUEST_LABEL = 'mallsync.io/retry-request';

/** A retry request that asks for a run. */
export interface RunRequest {
  readonly requestId: number;
  readonly kind: 'RUN' | 'RESUME' | 'REPROCESS' | 'REPLAY_REJECTED';
  readonly domainType: DomainType;
  readonly startDate: string;
  readonly endDate: string;
  readonly pageSize: number;
  /** REPLAY_REJECTED: only these groups; null for all. */
  readonly fingerprints: readonly string[] | null;
  /** All that were ever asked for, so that the same malls stay under one name. */
  readonly malls: readonly { readonly mallId: number; readonly isOpen: boolean }[];
  readonly requestedBy: string;
  readonly reason: string;
}

/**
 * The MallSyncs of a request for those of its malls that are open, under names that nothing else gets: `rerun-17`, and
 * `rerun-17-2` for the next thousand.
 */
export function buildRequestDrafts(request: RunRequest): readonly MallSyncDraft[] {
  const { requestId, domainType, startDate, endDate, pageSize, requestedBy, reason } = request;
  const trigger = request.kind === 'RUN' ? 'MANUAL' : 'RERUN';
  return chunkMalls(request.malls).flatMap((malls, index): readonly MallSyncDraft[] => {
    const mallIds = malls.filter(({ isOpen }) => isOpen).map(({ mallId }) => mallId);
    if (mallIds.length === 0) return [];
    return [
      {
        name: index === 0 ? `rerun-${requestId}` : `rerun-${requestId}-${index + 1}`,
        labels: { [RETRY_REQUEST_LABEL]: String(requestId), 'mallsync.io/trigger': trigger },
        spec: {
          domainType,
          startDate,
          endDate,
          mallIds,
          pageSize,
          trigger,
          requestedBy,
          reason,
          ...(request.kind === 'REPROCESS' && { reprocess: true }),
          ...(request.kind === 'REPLAY_REJECTED' && { replay: { fingerprints: request.fingerprints ?? [] } }),
        },
      },
    ];
  });
}
