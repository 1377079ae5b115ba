import { createBoundedCache } from './bounded-cache.ts';
import { createStoredDay, type DayList, type TimedRef } from './day-list.ts';
import { toDay, toSecondOfDay } from './korean-time.ts';
import { toRef } from './row-ref.ts';
import type { RowStore } from './row-store.ts';
import type { RepeatedRow, Timeline } from './row-window.ts';

/** How far a row's other dates may lie after the day it was made on; the generators keep within this. */
const LONGEST_DELAY_DAYS = 7;
const CACHED_ROWS = 4_000_000;

/** The rows by the date they were made on. */
export function createOwnTimeline(store: RowStore): Timeline {
  return {
    counted: (day) => store.counted(day),
    listed: (day) => store.listed(day),
    repeatsOn: (day) =>
      Array.from(store.repeatsOn(day), ([serial, where]) => {
        const ref = toRef(day, serial);
        return { ref, second: store.secondOf(ref), where };
      }),
  };
}

/**
 * The rows by another of their dates.
 * `timeOf` gives epoch seconds, or null for a row that lacks the date.
 */
export function createDerivedTimeline(
  store: RowStore,
  delayDays: number,
  timeOf: (ref: number, second: number) => number | null,
): Timeline {
  if (delayDays > LONGEST_DELAY_DAYS) throw new RangeError(`no date lies ${delayDays} days after its row`);
  const days = createBoundedCache<DayList>(CACHED_ROWS);
  const own = createOwnTimeline(store);

  function collect(day: number, listOf: (day: number) => DayList): DayList {
    const rows: TimedRef[] = [];
    for (let madeOn = day - delayDays; madeOn <= day; madeOn++) {
      const list = listOf(madeOn);
      for (let position = 0; position < list.size; position++) {
        const ref = list.refAt(position);
        const time = timeOf(ref, list.secondAt(position));
        if (time !== null && toDay(time) === day) rows.push({ ref, second: toSecondOfDay(time) });
      }
    }
    return createStoredDay(rows);
  }

  function cached(day: number, which: 'counted' | 'listed'): DayList {
    return days.getOrBuild(
      `${which}|${day}|${store.edits.version}`,
      () => collect(day, (madeOn) => store[which](madeOn)),
      (list) => list.size + 1,
    );
  }

  function* repeatsOn(day: number): Generator<RepeatedRow> {
    for (let madeOn = day - delayDays; madeOn <= day; madeOn++) {
      for (const repeat of own.repeatsOn(madeOn)) {
        const time = timeOf(repeat.ref, repeat.second);
        if (time !== null && toDay(time) === day) yield { ...repeat, second: toSecondOfDay(time) };
      }
    }
  }

  return {
    counted: (day) => cached(day, 'counted'),
    listed: (day) => cached(day, 'listed'),
    repeatsOn: (day) => [...repeatsOn(day)],
  };
}
