import { describe, expect, it } from 'vitest';
import { DAY_MS, parseSeoulTime } from '../domain/seoul-time.ts';
import { listMissedSlots } from './missed-slots.ts';

const MIDNIGHT = parseSeoulTime('2025-12-18T00:00:00') ?? 0;
const HOUR_MS = 3_600_000;

function listDaily(fromMs: number, untilMs: number): readonly number[] {
  const slots: number[] = [];
  for (let slot = MIDNIGHT - 60 * DAY_MS; slot < untilMs; slot += DAY_MS) if (slot >= fromMs) slots.push(slot);
  return slots;
}

function listNights(nowMs: number, ...knownNights: string[]): readonly string[] {
  return listMissedSlots({
    nowMs,
    graceMs: HOUR_MS,
    knownNights: new Set(knownNights),
    listSlots: listDaily,
  }).map(({ night }) => night);
}

describe('listMissedSlots', () => {
  it('finds no night missing where there never was one', () => {
    expect(listNights(MIDNIGHT + 2 * HOUR_MS)).toEqual([]);
  });

  it('finds the nights without a trace since the first that has one', () => {
    expect(listNights(MIDNIGHT + 2 * HOUR_MS, '20251213', '20251215')).toEqual(['20251214', '20251216', '20251217']);
  });

  it('gives a night its time before it counts as missed', () => {
    expect(listNights(MIDNIGHT + HOUR_MS, '20251216')).toEqual([]);
    expect(listNights(MIDNIGHT + HOUR_MS + 1, '20251216')).toEqual(['20251217']);
  });

  it('takes several times of one day for one night', () => {
    const listSlots = (fromMs: number, untilMs: number): readonly number[] =>
      listDaily(fromMs, untilMs).flatMap((slot) => [slot, slot + HOUR_MS]);
    const missed = listMissedSlots({
      nowMs: MIDNIGHT + 5 * HOUR_MS,
      graceMs: HOUR_MS,
      knownNights: new Set(['20251216']),
      listSlots,
    });
    expect(missed).toEqual([{ night: '20251217', scheduledAtMs: MIDNIGHT }]);
  });
});
