import type { NightPicture } from '../../adapters/postgres/read-models/night-picture.ts';
import { loadNightPicture } from '../../adapters/postgres/read-models/night-picture.ts';
import type { RunPage, RunSort } from '../../adapters/postgres/read-models/run-list.ts';
import { listRunIds, listRuns } from '../../adapters/postgres/read-models/run-list.ts';
import { TerminalError } from '../../domain/errors.ts';
import { BadInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { RunListQuery } from './query.ts';
import { DEFAULT_LIMIT, DEFAULT_SORT, isNarrowed, toRunFilter } from './query.ts';

/** As many runs as one click may run again. */
const MOST_AT_ONCE = 5_000;

export interface RunsData {
  readonly query: RunListQuery;
  readonly sort: RunSort;
  readonly page: RunPage;
  readonly picture: NightPicture;
  /** How many the filter matches; null without a filter. */
  readonly matching: { readonly count: number; readonly isMore: boolean } | null;
}

/** @throws BadInput for a cursor of another list */
export async function loadRunPage({ database }: AdminContext, query: RunListQuery): Promise<RunPage> {
  const { cursor, limit = DEFAULT_LIMIT } = query;
  const order = { sort: toSort(query), limit, ...(cursor !== undefined && { cursor }) };
  return await listRuns(database.pool, toRunFilter(query), order).catch((error: unknown) => {
    if (!(error instanceof TerminalError) || error.reason !== 'ConfigInvalid' || cursor === undefined) throw error;
    throw new BadInput({ field: 'cursor', message: error.message });
  });
}

export async function loadNight(context: AdminContext, night: string | undefined): Promise<NightPicture> {
  const { database, clock, nightDeadline } = context;
  const asked = night === undefined ? {} : { night };
  return await loadNightPicture(database.pool, { nowMs: clock.nowMs(), deadline: nightDeadline, ...asked });
}

export async function loadRuns(context: AdminContext, query: RunListQuery): Promise<RunsData> {
  const [page, picture, matching] = await Promise.all([
    loadRunPage(context, query),
    loadNight(context, query.night),
    isNarrowed(query) ? countMatching(context, query) : null,
  ]);
  return { query, sort: toSort(query), page, picture, matching };
}

function toSort({ sort }: RunListQuery): RunSort {
  return sort ?? DEFAULT_SORT;
}

async function countMatching({ database }: AdminContext, query: RunListQuery): Promise<RunsData['matching']> {
  const ids = await listRunIds(database.pool, toRunFilter(query), MOST_AT_ONCE);
  return { count: ids.length, isMore: ids.length >= MOST_AT_ONCE };
}
