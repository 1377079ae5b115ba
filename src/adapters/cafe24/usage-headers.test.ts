import { describe, expect, it } from 'vitest';
import { readCallLimits, toUsagePercent } from './usage-headers.ts';

function read(headers: Readonly<Record<string, string>>) {
  return readCallLimits(new Map(Object.entries(headers)));
}

describe('the headers of an answer', () => {
  it('say how full the bucket is and how much of the quota is used', () => {
    expect(
      read({ 'x-api-call-limit': '8/40', 'x-cafe24-call-usage': '12.5', 'x-cafe24-time-usage': '120.04' }),
    ).toEqual({ used: 8, size: 40, callUsagePercent: 12.5, timeUsagePercent: 120.04 });
  });

  it('say how long a spent quota blocks: the longer of two', () => {
    expect(read({ 'x-cafe24-call-remain': '32', 'x-cafe24-time-remain': '7' })).toEqual({ remainSeconds: 32 });
    expect(read({ 'x-cafe24-time-remain': '7' })).toEqual({ remainSeconds: 7 });
  });

  it('say nothing where they are absent or malformed', () => {
    expect(read({})).toEqual({});
    expect(read({ 'x-api-call-limit': 'many', 'x-cafe24-call-usage': '', 'x-cafe24-call-remain': 'soon' })).toEqual({});
  });

  it('give the higher usage', () => {
    expect(toUsagePercent({ callUsagePercent: 12, timeUsagePercent: 81 })).toBe(81);
    expect(toUsagePercent({})).toBe(0);
  });
});
