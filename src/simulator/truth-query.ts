import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseApiTime, toSecondOfDay } from './korean-time.ts';
import type { TimeRange } from './list-query.ts';
import type { MallData, ShopData } from './mall-data.ts';
import type { Repeat } from './poison.ts';
import { dayOf, serialOf } from './row-ref.ts';
import { selectWindow } from './row-window.ts';
import type { ShopRows } from './shop-rows.ts';

export type SimulatedDomain = 'MEMBER' | 'ORDER' | 'SALES';

export interface TruthQuery {
  readonly domainType: SimulatedDomain;
  /** `YYYY-MM-DDTHH:MM:SS` of Asia/Seoul, as a MallSync gives its period. */
  readonly startDate: string;
  readonly endDate: string;
  /** All active shops if absent. */
  readonly shopNos?: readonly number[] | undefined;
  /** Rows dated so by any of these; `join` or `order_date` if absent. */
  readonly dateTypes?: readonly string[] | undefined;
}

/** Both ends inclusive, in epoch seconds: an end at midnight is exclusive, any other counts to the end of its second. */
export function toTruthRange(query: TruthQuery, nowMs: number): TimeRange {
  const start = parseApiTime(query.startDate, false);
  const end = parseApiTime(query.endDate, false);
  if (start === undefined || end === undefined) throw new RangeError('startDate and endDate are YYYY-MM-DDTHH:MM:SS');
  return { start, end: Math.min(toSecondOfDay(end) === 0 ? end - 1 : end, Math.floor(nowMs / 1000)) };
}

export function chooseShops(data: MallData, query: TruthQuery): ShopData[] {
  return data.shops.filter(({ settings }) => query.shopNos?.includes(settings.shopNo) ?? settings.active);
}

export interface TruthRow {
  readonly ref: number;
  /** How the API gives the row a second time. */
  readonly repeat: Repeat | undefined;
}

const ROWS_A_TURN = 20_000;

/** The period's rows in blocks, each row once unless the API repeats it; others get to work between the blocks. */
export async function* readTruthRows(
  rows: ShopRows,
  dateTypes: readonly string[] | undefined,
  range: TimeRange,
): AsyncGenerator<readonly TruthRow[]> {
  const seenBefore = new Set<number>();
  for (const dateType of dateTypes ?? [rows.ownDateType]) {
    const timeline = rows.timelineOf(dateType);
    if (timeline === undefined) throw new RangeError(`no date type ${dateType}`);
    const window = selectWindow(timeline, range.start, range.end);
    const seen = new Set<number>();
    for (let offset = 0; offset < window.size; offset += ROWS_A_TURN) {
      const block: TruthRow[] = [];
      for (const ref of window.page(offset, ROWS_A_TURN, 'asc')) {
        if (seenBefore.has(ref)) continue;
        const repeat = seen.has(ref) ? rows.store.repeatsOn(dayOf(ref)).get(serialOf(ref)) : undefined;
        seen.add(ref);
        block.push({ ref, repeat });
      }
      yield block;
      await nextTurn();
    }
    for (const ref of seen) seenBefore.add(ref);
  }
}
