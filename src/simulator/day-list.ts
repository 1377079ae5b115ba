import { mix } from './random.ts';
import { toRef } from './row-ref.ts';

/** The rows of one Korean day in ascending order of time. */
export interface DayList {
  readonly size: number;
  secondAt(position: number): number;
  refAt(position: number): number;
}

const HOUR_WEIGHTS = [3, 2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 7, 7, 7, 7, 7, 6, 6, 7, 8, 9, 8, 5];
const QUANTILES = 4096;
const quantileSeconds = buildQuantiles();

function buildQuantiles(): Float64Array {
  const sum = HOUR_WEIGHTS.reduce((a, b) => a + b, 0);
  const table = new Float64Array(QUANTILES + 1);
  let hour = 0;
  let before = 0;
  for (let q = 0; q <= QUANTILES; q++) {
    const share = (q / QUANTILES) * sum;
    while (hour < 23 && share > before + (HOUR_WEIGHTS[hour] ?? 1)) before += HOUR_WEIGHTS[hour++] ?? 1;
    table[q] = (hour + (share - before) / (HOUR_WEIGHTS[hour] ?? 1)) * 3600;
  }
  return table;
}

function toBusyTime(share: number): number {
  const scaled = share * QUANTILES;
  const index = Math.min(QUANTILES - 1, Math.floor(scaled));
  const low = quantileSeconds[index] ?? 0;
  const high = quantileSeconds[index + 1] ?? low;
  return Math.min(86_399, Math.floor(low + (high - low) * (scaled - index)));
}

/**
 * A day whose times follow from index arithmetic alone, so that a million rows cost no memory.
 * Every eleventh row falls on the same second as the one before it.
 */
export function createGeneratedDay(day: number, size: number, key: number): DayList {
  return {
    size,
    secondAt(position) {
      const slot = position % 11 === 5 ? position - 1 : position;
      return toBusyTime((slot + mix(key, slot) / 2 ** 32) / size);
    },
    refAt: (position) => toRef(day, position),
  };
}

export interface TimedRef {
  readonly second: number;
  readonly ref: number;
}

export function createStoredDay(rows: readonly TimedRef[]): DayList {
  const sorted = rows.toSorted((a, b) => a.second - b.second || a.ref - b.ref);
  const seconds = Uint32Array.from(sorted, (row) => row.second);
  const refs = Float64Array.from(sorted, (row) => row.ref);
  return {
    size: refs.length,
    secondAt: (position) => seconds[position] ?? 0,
    refAt: (position) => refs[position] ?? 0,
  };
}

/** How many rows of the day lie before the given second. */
export function countBefore(list: DayList, second: number): number {
  if (second <= 0) return 0;
  if (second >= 86_400) return list.size;
  let low = 0;
  let high = list.size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list.secondAt(middle) < second) low = middle + 1;
    else high = middle;
  }
  return low;
}
