import { createMallStore, type MallListing } from '../../adapters/postgres/mall-store.ts';
import { listMallBoard, loadMallBoard, type MallDetail } from '../../adapters/postgres/read-models/mall-board.ts';
import { listRunIds } from '../../adapters/postgres/read-models/run-list.ts';
import { NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import { loadCoverageStrip, type CoverageStrip } from '../coverage/load.ts';
import type { MallList } from './list-view.ts';
import { MALLS_SHOWN, toMallFilter, type MallListQuery } from './query.ts';

const RECENT_RUNS = 12;
/** As many as one click may run again. */
const MOST_FAILED = 5_000;

export async function loadMallList(context: AdminContext, query: MallListQuery): Promise<MallList> {
  const { database, clock, freshnessTargetHours: targetHours } = context;
  const { cursor, limit = MALLS_SHOWN } = query;
  const page = await listMallBoard(database.pool, {
    ...toMallFilter(query),
    nowMs: clock.nowMs(),
    targetHours,
    cursor,
    limit,
  });
  return { ...page, query, targetHours };
}

export interface MallFacts {
  readonly board: MallDetail;
  readonly listing: MallListing;
  /** Failed, stopped or left behind, and not taken up since. */
  readonly failedRuns: number;
}

/** @throws NotFound where there is no such mall */
export async function loadMall(context: AdminContext, mallId: number): Promise<MallFacts> {
  const { database, clock, freshnessTargetHours: targetHours } = context;
  const target = { nowMs: clock.nowMs(), targetHours };
  const [board, listing, failed] = await Promise.all([
    loadMallBoard(database.pool, mallId, target, RECENT_RUNS),
    createMallStore(database).findMall(mallId),
    listRunIds(database.pool, { mallIds: [mallId], unmended: true }, MOST_FAILED),
  ]);
  if (board === null || listing === null) throw new NotFound(`there is no mall ${mallId}`);
  return { board, listing, failedRuns: failed.length };
}

/** One for each domain type that the mall takes. */
export async function loadStrips(context: AdminContext, { board }: MallFacts): Promise<readonly CoverageStrip[]> {
  const { mallId, domainTypes } = board;
  return await Promise.all(domainTypes.map((domainType) => loadCoverageStrip(context, mallId, domainType)));
}
