import { describe, expect, it } from 'vitest';
import type { MallBudget } from '../../adapters/postgres/read-models/mall-budgets.ts';
import { findHoldUp, toMomentText, type HeldRun } from './hold-up.ts';

const NOW_MS = 1_000_000;
const RUNNING: HeldRun = { mallId: 1, status: 'RUNNING', startedAtMs: 0, leaseEndsInMs: 20_000 };
const WAITING: HeldRun = { ...RUNNING, status: 'WAITING' };

function budget(endpoint: string, blockedUntilMs: number | null, mallId = 1): MallBudget {
  const none = { mallName: '', level: 0, size: 40, callUsagePercent: null, timeUsagePercent: null };
  return { ...none, mallId, endpoint, blockedUntilMs };
}

describe('what holds a run up', () => {
  it.each([
    ['nothing, for one that runs', RUNNING, [], null],
    [
      'its pod, for one that was launched and never claimed',
      { ...RUNNING, status: 'REQUESTED', startedAtMs: null, leaseEndsInMs: null },
      [],
      { kind: 'starting' },
    ],
    ['that nobody holds it, when its lease is over', { ...RUNNING, leaseEndsInMs: 0 }, [], { kind: 'unheld' }],
    ['that nobody holds it, when it was let go', { ...RUNNING, leaseEndsInMs: null }, [], { kind: 'unheld' }],
    [
      'the quota, as long as the whole mall is blocked',
      WAITING,
      [budget('*', NOW_MS + 60_000)],
      { kind: 'quota', untilMs: NOW_MS + 60_000 },
    ],
    [
      'the quota, also before its own heartbeat has told',
      RUNNING,
      [budget('*', NOW_MS + 60_000)],
      { kind: 'quota', untilMs: NOW_MS + 60_000 },
    ],
    ['no block that is over', RUNNING, [budget('*', NOW_MS - 1)], null],
    [
      'a block of one endpoint',
      WAITING,
      [budget('*', null), budget('orders', NOW_MS + 30_000)],
      { kind: 'blocked', untilMs: NOW_MS + 30_000 },
    ],
    ['no block of an endpoint while it goes on', RUNNING, [budget('orders', NOW_MS + 30_000)], null],
    [
      'the turn for calls, when no block is worth telling',
      WAITING,
      [budget('orders', NOW_MS + 900)],
      { kind: 'calls' },
    ],
    ['no other mall’s block', WAITING, [budget('*', NOW_MS + 60_000, 2)], { kind: 'calls' }],
  ] as const)('is %s', (_, run, budgets, expected) => {
    expect(findHoldUp(run, budgets, NOW_MS)).toStrictEqual(expected);
  });
});

describe('a moment', () => {
  it('has its day only when that is another one in Seoul', () => {
    const nowMs = Date.parse('2026-03-02T23:00:00+09:00');
    expect(toMomentText(Date.parse('2026-03-02T23:59:59+09:00'), nowMs)).toBe('23:59:59');
    expect(toMomentText(Date.parse('2026-03-03T00:30:00+09:00'), nowMs)).toBe('2026-03-03 00:30');
  });
});
