import { describe, expect, it } from 'vitest';
import { findDueTime } from './scheduled-job.ts';

/** 18 December 2025, 00:00 in Asia/Seoul. */
const MIDNIGHT_MS = Date.parse('2025-12-17T15:00:00Z');

describe('the name of a CronJob’s Job', () => {
  it('says when it was due', () => {
    expect(findDueTime('mallsync-nightly-29433060')).toBe(MIDNIGHT_MS);
    expect(findDueTime('a-29433061')).toBe(MIDNIGHT_MS + 60_000);
  });

  it.each([
    ['made by hand', 'mallsync-nightly-manual-x7k2p'],
    ['with a day in it', 'nightly-20251217'],
    ['with a number of other length', 'nightly-1'],
    ['with a number of other length', 'nightly-129433060'],
    ['with something behind the number', 'nightly-29433060-again'],
    ['of digits alone', '29433060'],
    ['that is empty', ''],
  ])('%s says nothing: %s', (_what, name) => {
    expect(findDueTime(name)).toBeUndefined();
  });
});
