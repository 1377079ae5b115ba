import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readSettings } from '../settings/read-settings.ts';
import { checkPeriod, PERIOD_SETTINGS } from './period-settings.ts';

const SCHEMA = z.object(PERIOD_SETTINGS).superRefine(checkPeriod);
const read = (start: string, end: string) => () => readSettings(SCHEMA, { start, end }, {});

describe('the settings of a period', () => {
  it('tells what is no time as that alone, and not of its order', () => {
    expect(read('2026-02-30T00:00:00', '2026-03-01T00:00:00')).toThrow(
      /^--start must be a time of Asia\/Seoul like 2025-12-01T00:00:00, not "2026-02-30T00:00:00"$/,
    );
    expect(read('2026-02-01T00:00:00', 'today')).toThrow(/^--end must be a time .* not "today"$/);
  });

  it('refuses an end that is not later than the start', () => {
    expect(read('2026-03-01T00:00:00', '2026-03-01T00:00:00')).toThrow(/^--end must be later than --start 2026-03-01/);
    expect(read('2026-03-01T00:00:01', '2026-03-01T00:00:01')).not.toThrow();
  });
});
