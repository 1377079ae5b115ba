import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { NIGHT_SETTINGS } from './night-settings.ts';
import { readSettings } from './read-settings.ts';

const SCHEMA = z.object(NIGHT_SETTINGS);

function readLookback(text: string | undefined): unknown {
  return readSettings(SCHEMA, {}, { MALLSYNC_LOOKBACK_DAYS: text }).lookbackDays;
}

describe('the look-back', () => {
  it.each([
    [undefined, { MEMBER: 0, ORDER: 0, SALES: 0 }],
    ['2', { MEMBER: 2, ORDER: 2, SALES: 2 }],
    ['MEMBER=1,ORDER=7', { MEMBER: 1, ORDER: 7, SALES: 0 }],
    ['1, order=31', { MEMBER: 1, ORDER: 31, SALES: 1 }],
  ])('of %s is known for each domain type', (text, expected) => {
    expect(readLookback(text)).toEqual(expected);
  });

  it.each(['32', 'ORDER', 'ORDER=', 'ORDER=1,ORDER=2', '1,2', 'GOODS=1', '-1', '1.5'])('is not %s', (text) => {
    expect(() => readLookback(text)).toThrow(/MALLSYNC_LOOKBACK_DAYS must be a whole number of days/);
  });
});
