import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createBell } from './bell.ts';

const LONG_MS = 60_000;

describe('the bell', () => {
  it('wakes who waits, and counts when it rings before', async () => {
    const bell = createBell();
    const { signal } = new AbortController();
    const waiting = bell.wait(LONG_MS, signal);
    bell.ring();
    await waiting;
    bell.ring();
    await bell.wait(LONG_MS, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('leaves nothing with the signal when the time is over', async () => {
    const bell = createBell();
    const { signal } = new AbortController();
    await bell.wait(1, signal);
    await bell.wait(1, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('wakes at the abort, and does not wait after it', async () => {
    const bell = createBell();
    const stop = new AbortController();
    const waiting = bell.wait(LONG_MS, stop.signal);
    stop.abort();
    await waiting;
    await bell.wait(LONG_MS, stop.signal);
    expect(stop.signal.aborted).toBe(true);
  });
});
