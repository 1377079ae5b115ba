import { describe, expect, it } from 'vitest';
import { BEGINNING_MS, buildJob, buildMallSync, SETTINGS } from '../../test/support/controller-world.ts';
import { buildObserved } from '../../test/support/decision-scene.ts';
import { decide } from './decide.ts';
import { createOwnWrites } from './own-writes.ts';

const [KEPT, GONE] = [buildJob({ executionId: 1 }), buildJob({ executionId: 2 })];

describe('own writes', () => {
  it('show in what the caches give until their echo comes', () => {
    const writes = createOwnWrites();
    writes.noteReleased(KEPT);
    writes.noteDeleted(GONE);
    expect(writes.applyToJobs([KEPT, GONE])).toEqual([{ ...KEPT, hasOutcomeFinalizer: false }]);
    writes.forgetJob(KEPT.uid);
    writes.forgetJob(GONE.uid);
    expect(writes.applyToJobs([KEPT, GONE])).toEqual([KEPT, GONE]);
  });

  it('are forgotten with their objects, also where these went before the answer came', () => {
    const writes = createOwnWrites();
    const mallSync = buildMallSync();
    const { status } = decide(buildObserved(), BEGINNING_MS, SETTINGS);
    for (const job of [KEPT, GONE]) writes.noteReleased(job);
    for (const job of [KEPT, GONE]) writes.noteDeleted(job);
    writes.noteStatus(mallSync, status, 1);
    writes.keepOnly(new Set([KEPT.uid]), new Set());
    expect(writes.applyToJobs([KEPT, GONE])).toEqual([GONE]);
    expect(writes.statusWrittenAtMs(mallSync)).toBeNull();
  });
});
