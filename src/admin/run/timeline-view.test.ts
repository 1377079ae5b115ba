import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../adapters/postgres/read-models/run-timeline.ts';
import { foldWindows } from './timeline-view.ts';

const started: RunEvent = { kind: 'started', atMs: 1 };
const ended: RunEvent = { kind: 'ended', atMs: 999, status: 'COMPLETED', reason: null };

function buildWindows(count: number): readonly RunEvent[] {
  return Array.from({ length: count }, (_, n) => ({ kind: 'windowSettled', atMs: 10 + n, n, state: 'COMPLETE' }));
}

describe('foldWindows', () => {
  it('tells few windows one by one', () => {
    const events = [started, ...buildWindows(8), ended];
    expect(foldWindows(events)).toEqual(events);
  });

  it('tells many as one event at the time of the last, those that were counted already included', () => {
    const rest: RunEvent = { kind: 'windowsSettled', atMs: 500, count: 40 };
    expect(foldWindows([started, ...buildWindows(9), rest, ended])).toEqual([
      started,
      { kind: 'windowsSettled', atMs: 500, count: 49 },
      ended,
    ]);
  });
});
