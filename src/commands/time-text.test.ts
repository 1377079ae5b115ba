import { describe, expect, it } from 'vitest';
import { toPeriodText } from './time-text.ts';

describe('toPeriodText', () => {
  it('names whole days by their dates, both ends included, whichever way the end is spelled', () => {
    expect(toPeriodText('2025-12-01T00:00:00', '2025-12-02T00:00:00')).toBe('2025-12-01');
    expect(toPeriodText('2025-12-01T00:00:00', '2025-12-01T23:59:59')).toBe('2025-12-01');
    expect(toPeriodText('2025-12-01T00:00:00', '2025-12-17T23:59:59')).toBe('2025-12-01..2025-12-17');
  });

  it('gives other periods in full', () => {
    expect(toPeriodText('2025-12-01T00:00:00', '2025-12-01T12:00:00')).toBe('2025-12-01T00:00:00..2025-12-01T12:00:00');
  });
});
