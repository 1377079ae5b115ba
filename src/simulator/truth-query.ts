import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseApiTime, toDay, toSecondOfDay } from './korean-time.ts';
import type { TimeRange } from './list-query.ts';
import type { MallData, ShopData } from './mall-data.ts';
import type { Repeat } from './poison.ts';
import { selectWindow, type Timeline } from './row-window.ts';
import type { ShopRows } from './shop-rows.ts';

type SimulatedDomain = 'MEMBER' | 'ORDER' | 'SALES';

export interface TruthQuery {
  readonly domainType: SimulatedDomain;
  /** `YYYY-MM-DDTHH:MM:SS` of Asia/Seoul, as a MallSync gives its period. */
  readonly startDate: string;
  readonly endDate: string;
  /** All shops, closed ones too, if absent. */
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
  return data.shops.filter(({ settings }) => query.shopNos?.includes(settings.shopNo) ?? true);
}

export interface TruthRow {
  readonly ref: number;
  /** How the API gives the row a second time. */
  readonly repeat: Repeat | undefined;
}

const ROWS_A_TURN = 20_000;

function findRepeats(timeline: Timeline, { start, end }: TimeRange): ReadonlyMap<number, Repeat> {
  const repeats = new Map<number, Repeat>();
  for (let day = toDay(start); day <= toDay(end); day++) {
    for (const { ref, where } of timeline.repeatsOn(day)) repeats.set(ref, where);
  }
  return repeats;
}

/** Says of each row in turn whether it came before, remembering no more rows than it must. */
function createPassMemory(repeats: ReadonlyMap<number, Repeat>): (ref: number) => Repeat | undefined {
  const seen = new Set<number>();
  return (ref) => {
    const repeat = repeats.get(ref);
    if (repeat === undefined || seen.has(ref)) return repeat;
    seen.add(ref);
    return undefined;
  };
}

/** The period's rows in blocks, each row once unless the API repeats it; others get to work between the blocks. */
export async function* readTruthRows(
  rows: ShopRows,
  range: TimeRange,
  dateTypes: readonly string[] = [rows.ownDateType],
): AsyncGenerator<readonly TruthRow[]> {
  const givenBefore = new Set<number>();
  for (const [pass, dateType] of dateTypes.entries()) {
    const timeline = rows.timelineOf(dateType);
    if (timeline === undefined) throw new RangeError(`no date type ${dateType}`);
    const window = selectWindow(timeline, range.start, range.end);
    const recall = createPassMemory(findRepeats(timeline, range));
    const given: number[] = [];
    for (let offset = 0; offset < window.size; offset += ROWS_A_TURN) {
      const refs = window.page(offset, ROWS_A_TURN, 'asc').filter((ref) => !givenBefore.has(ref));
      yield refs.map((ref) => ({ ref, repeat: recall(ref) }));
      if (pass < dateTypes.length - 1) given.push(...refs);
      await nextTurn();
    }
    for (const ref of given) givenBefore.add(ref);
  }
}
