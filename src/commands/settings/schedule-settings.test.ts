import { describe, expect, it } from 'vitest';
import { DAY_MS, parseSeoulTime, toSeoulTime } from '../../domain/seoul-time.ts';
import { listSlots } from './schedule-settings.ts';

const MIDNIGHT = parseSeoulTime('2025-12-18T00:00:00') ?? 0;

describe('listSlots', () => {
  it('lists the times of Asia/Seoul from the first moment on, the last one left out', () => {
    const slots = listSlots('0 0 * * *', MIDNIGHT, MIDNIGHT + 2 * DAY_MS);
    expect(slots.map(toSeoulTime)).toEqual(['2025-12-18T00:00:00', '2025-12-19T00:00:00']);
  });

  it('takes a moment that is no whole second for what it is', () => {
    const slots = listSlots('30 1,13 * * *', MIDNIGHT + 1.5 * 3_600_000 + 1, MIDNIGHT + DAY_MS);
    expect(slots.map(toSeoulTime)).toEqual(['2025-12-18T13:30:00']);
  });
});
