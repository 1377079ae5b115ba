import { loadNowBoard, type NowBoard } from '../../adapters/postgres/read-models/now-board.ts';
import type { AdminContext } from '../context.ts';
import { createRateMeter, toAverageRates, type RowRates } from './row-rates.ts';

export interface NowData {
  readonly board: NowBoard;
  readonly rates: RowRates;
  readonly atMs: number;
}

/** Rows per second are those of the whole run so far. */
export async function loadNow({ database, clock }: AdminContext): Promise<NowData> {
  const board = await loadNowBoard(database.pool);
  const atMs = clock.nowMs();
  return { board, rates: toAverageRates(board.running, atMs), atMs };
}

/** Rows per second are those of the last seconds. */
export function createNowLoader({ database, clock }: AdminContext): () => Promise<NowData> {
  const meter = createRateMeter();
  return async () => {
    const board = await loadNowBoard(database.pool);
    const atMs = clock.nowMs();
    return { board, rates: meter(board.running, atMs), atMs };
  };
}
