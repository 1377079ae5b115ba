import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { SyncWindow } from '../domain/window.ts';
import { runWindowPool } from './window-pool.ts';

const aSyncWindow = (n: number): SyncWindow => ({
  n,
  fromMs: 0,
  untilMs: 1_000,
  shopNo: 1,
  dateType: 'join',
  state: 'UNSPLIT',
  nextOffset: 0,
  countBefore: null,
  rereads: 0,
  rowsSeen: 0,
  rejected: 0,
  checksum: 0n,
});
const never = new AbortController().signal;

describe('runWindowPool', () => {
  it('runs every window and the parts of those that split, never more at once than allowed', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    const windows = [1, 2, 3].map(aSyncWindow);
    await runWindowPool(
      windows,
      2,
      async (window) => {
        running += 1;
        most = Math.max(most, running);
        await delay(1);
        running -= 1;
        done.push(window.n);
        return window.n === 1 ? [aSyncWindow(10), aSyncWindow(11)] : [];
      },
      never,
    );
    expect(done.sort((a, b) => a - b)).toEqual([1, 2, 3, 10, 11]);
    expect(most).toBe(2);
  });

  it('rejects with the first error only after the others have stopped', async () => {
    let isWriting = true;
    const pool = runWindowPool(
      [aSyncWindow(1), aSyncWindow(2), aSyncWindow(3)],
      2,
      async (window, signal) => {
        if (window.n === 1) throw new Error('first');
        expect(window.n).toBe(2);
        await delay(20);
        isWriting = false;
        signal.throwIfAborted();
        return [];
      },
      never,
    );
    await expect(pool).rejects.toThrow('first');
    expect(isWriting).toBe(false);
  });

  it('starts nothing more after a stop and rejects with its reason', async () => {
    const stop = new AbortController();
    const started: number[] = [];
    const pool = runWindowPool(
      [aSyncWindow(1), aSyncWindow(2)],
      1,
      (window) => {
        started.push(window.n);
        stop.abort(new Error('stopped'));
        return Promise.resolve([]);
      },
      stop.signal,
    );
    await expect(pool).rejects.toThrow('stopped');
    expect(started).toEqual([1]);
  });
});
