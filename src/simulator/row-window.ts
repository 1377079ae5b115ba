import { countBefore, type DayList } from './day-list.ts';
import { DAY_SECONDS, toDay, toEpochSeconds } from './korean-time.ts';
import type { Repeat } from './poison.ts';
import { findPosition } from './row-store.ts';

export interface RepeatedRow {
  readonly ref: number;
  readonly second: number;
  readonly where: Repeat;
}

/** One shop's rows laid out by one of their dates. */
export interface Timeline {
  counted(day: number): DayList;
  listed(day: number): DayList;
  repeatsOn(day: number): readonly RepeatedRow[];
}

type RowOrder = 'asc' | 'desc';

export interface RowWindow {
  /** What `/count` answers: each row once. */
  readonly count: number;
  /** How many rows paging yields: without hidden rows, with repeated ones. */
  readonly size: number;
  page(offset: number, limit: number, order: RowOrder): number[];
}

interface Segment {
  readonly day: number;
  readonly list: DayList;
  readonly from: number;
  readonly to: number;
  /** Rows of the window that come before this segment. */
  readonly before: number;
}

interface Slice {
  readonly segments: readonly Segment[];
  readonly size: number;
}

function slice(dayList: (day: number) => DayList, start: number, end: number): Slice {
  const segments: Segment[] = [];
  let size = 0;
  for (let day = toDay(start); day <= toDay(end); day++) {
    const list = dayList(day);
    const midnight = toEpochSeconds(day, 0);
    const from = countBefore(list, Math.max(0, start - midnight));
    const to = countBefore(list, Math.min(DAY_SECONDS, end - midnight + 1));
    if (to > from) segments.push({ day, list, from, to, before: size });
    size += Math.max(0, to - from);
  }
  return { segments, size };
}

function refAt({ segments }: Slice, position: number): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((segments[middle]?.before ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  const segment = segments[low];
  if (segment === undefined) throw new RangeError(`position ${position} lies outside the window`);
  return segment.list.refAt(segment.from + position - segment.before);
}

interface Repeats {
  /** Ascending positions whose row is followed by itself. */
  readonly adjacent: readonly number[];
  /** Rows that come once more after all others. */
  readonly trailing: readonly number[];
}

function collectRepeats(timeline: Timeline, { segments }: Slice): Repeats {
  const adjacent: number[] = [];
  const trailing: number[] = [];
  for (const { day, list, from, to, before } of segments) {
    for (const repeat of timeline.repeatsOn(day)) {
      const position = findPosition(list, repeat.second, repeat.ref);
      if (position === undefined || position < from || position >= to) continue;
      if (repeat.where === 'duplicate-in-page') adjacent.push(before + position - from);
      else trailing.push(repeat.ref);
    }
  }
  return { adjacent: adjacent.sort((a, b) => a - b), trailing };
}

/** The rows dated from `start` to `end`, both inclusive, in epoch seconds. */
export function selectWindow(timeline: Timeline, start: number, end: number): RowWindow {
  const counted = slice((day) => timeline.counted(day), start, end);
  const listed = slice((day) => timeline.listed(day), start, end);
  const repeats = collectRepeats(timeline, listed);
  const size = listed.size + repeats.adjacent.length + repeats.trailing.length;

  function ascendingRef(index: number): number {
    let position = index;
    for (const repeated of repeats.adjacent) {
      if (position <= repeated) break;
      position--;
    }
    if (position < listed.size) return refAt(listed, position);
    return repeats.trailing[position - listed.size] ?? 0;
  }

  return {
    count: counted.size,
    size,
    page(offset, limit, order) {
      const refs: number[] = [];
      for (let index = offset; index < Math.min(size, offset + limit); index++) {
        refs.push(ascendingRef(order === 'asc' ? index : size - 1 - index));
      }
      return refs;
    },
  };
}
