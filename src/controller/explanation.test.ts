import { describe, expect, it } from 'vitest';
import { DONE, DUPLICATE, failed, image, QUEUED, RUNS, statusOf } from '../../test/support/decision-scene.ts';
import type { MallSyncStatus } from './mall-sync.ts';

describe('the explanation', () => {
  it.each<[string, MallSyncStatus, string]>([
    [
      'names the limit of the installation and who is ahead',
      statusOf([DONE, RUNS, QUEUED], { capacity: { active: 30, ahead: 12 } }),
      '1 of 3 malls done, 1 running, 1 waits: 30 of 30 Jobs run in this installation, 12 are ahead. Next check 10:04.',
    ],
    [
      'names its own limit',
      statusOf([RUNS, QUEUED, QUEUED], { spec: { parallelism: 1 }, capacity: { active: 30, ahead: 12 } }),
      '0 of 3 malls done, 1 running, 2 wait: its parallelism is 1. Next check 10:04.',
    ],
    [
      'names that it is suspended, and no check while nothing runs',
      statusOf([DONE, QUEUED], { spec: { suspend: true } }),
      '1 of 2 malls done, 1 waits: it is suspended.',
    ],
    [
      'names the failed mall and what to do, while others run',
      statusOf([DONE, RUNS, failed('AuthFailed')]),
      '1 of 3 malls failed: mall 3 AuthFailed. Authorize the mall again with `mallsync malls authorize`, then re-run it. ' +
        '1 of 3 malls done, 1 running. Next check 10:04.',
    ],
    [
      'names an image that cannot be pulled',
      statusOf([{ ...RUNS, status: 'REQUESTED' }, RUNS], { pods: [image('job-1')] }),
      '0 of 2 malls done, 1 running. 1 cannot start: ImagePull (Back-off pulling image "x:1"). ' +
        'Check the image name and the pull secret. Next check 10:04.',
    ],
    [
      'names the quota that a Job waits for',
      statusOf([RUNS], { job: { isSuspended: true } }),
      '0 of 1 mall done. 1 waits for its quota (suspended). Next check 10:04.',
    ],
    [
      'names the mall’s calls and what is tried again',
      statusOf([
        { ...RUNS, status: 'WAITING' },
        { ...RUNS, lastReason: 'UpstreamUnavailable', lastMessage: '503' },
      ]),
      '0 of 2 malls done, 2 running. 1 waits for calls of its mall. 1 is tried again after UpstreamUnavailable (503). ' +
        'Next check 10:04.',
    ],
    ['ends with all done', statusOf([DONE, DONE]), 'All 2 malls are done.'],
    [
      'ends with the groups of failures, the largest first, and its advice',
      statusOf([failed('OutOfMemory'), ...Array.from({ length: 7 }, () => failed('AuthFailed'))]),
      '8 of 8 malls failed: malls 2, 3, 4, 5, 6 and 2 more AuthFailed; mall 1 OutOfMemory. ' +
        'Authorize the mall again with `mallsync malls authorize`, then re-run it.',
    ],
    [
      'says who holds a refused mall',
      statusOf([DONE, null], { malls: { 2: DUPLICATE } }),
      '1 of 2 malls refused: mall 2 DuplicateRefused, already running as attempt 2 (execution 17). ' +
        'The same mall, domain type and period is running or done; use a reprocess to read it again.',
    ],
    [
      'says what a cancel left undone',
      statusOf([DONE, { ...DONE, status: 'STOPPED' }], { spec: { cancel: true } }),
      '1 of 2 malls stopped: it was cancelled.',
    ],
    ['says that no mall fits', statusOf([]), 'No mall is to be read: no active mall that takes MEMBER fits.'],
  ])('%s', (_, { explanation }, text) => {
    expect(explanation).toBe(text);
  });
});
