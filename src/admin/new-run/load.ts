import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import type { Mall } from '../../domain/mall.ts';
import type { AdminContext } from '../context.ts';
import type { Preview } from '../rerun/load.ts';
import { loadPreview } from '../rerun/load.ts';
import type { NewRunQuery } from './query.ts';
import type { Judged, NewRunWish } from './wish.ts';
import { fillIn, judgeWish } from './wish.ts';

const MOST_FOUND = 50;

export interface NewRunPage {
  /** What the fields show. */
  readonly query: NewRunQuery;
  /** Null until a preview was asked for. */
  readonly judged: Judged | null;
  readonly preview: Preview | null;
  /** Malls to tick: those that were ticked, and those that the search found. */
  readonly offered: readonly Mall[];
  /** How many more the search found. */
  readonly more: number;
}

export async function loadNewRun(context: AdminContext, asked: NewRunQuery): Promise<NewRunPage> {
  const nowMs = context.clock.nowMs();
  const query = fillIn(asked, nowMs);
  const malls = await createMallStore(context.database).listMalls();
  const ticked = new Set(query.mallId);
  const found = findMalls(malls, query.find ?? '').filter(({ mallId }) => !ticked.has(mallId));
  const offered = [...malls.filter(({ mallId }) => ticked.has(mallId)), ...found.slice(0, MOST_FOUND)];
  const more = Math.max(0, found.length - MOST_FOUND);
  if (query.step !== 'preview') return { query, judged: null, preview: null, offered, more };
  const judged = judgeWish(query, malls, nowMs);
  const preview = judged.wish === null ? null : await loadWishPreview(context, judged.wish);
  return { query, judged, preview, offered, more };
}

export async function loadWishPreview(context: AdminContext, wish: NewRunWish): Promise<Preview> {
  const { domainType, startDate, endDate, mallIds, pageSize, reprocess } = wish;
  const mode = reprocess ? 'reprocess' : 'resume';
  return await loadPreview(context, { domainType, startDate, endDate, mallIds }, { mode, pageSize });
}

function findMalls<Each extends Mall>(malls: readonly Each[], text: string): readonly Each[] {
  const wanted = text.toLowerCase();
  if (wanted === '') return [];
  return malls.filter(
    ({ mallId, name, cafe24MallId }) =>
      String(mallId) === wanted || name.toLowerCase().includes(wanted) || cafe24MallId.includes(wanted),
  );
}
