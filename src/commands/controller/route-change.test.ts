import { describe, expect, it } from 'vitest';
import type { ObservedJob } from '../../controller/observed-job.ts';
import { buildEnd, buildJob } from '../../../test/support/controller-world.ts';
import { routeChange, type Routes } from './route-change.ts';

/** @returns what was asked for because of the change */
function route(before: ObservedJob | null, after: ObservedJob): readonly string[] {
  const asked: string[] = [];
  const routes: Routes = {
    addMallSync: (_, { delayMs }) => asked.push(delayMs >= 5_000 ? 'owner later' : 'owner'),
    addLaunch: () => asked.push('launch'),
    addSweep: () => asked.push('sweep'),
    findMallSyncNameOf: () => null,
    noteJobSeen: () => undefined,
    forgetJob: () => undefined,
    forgetMallSync: () => undefined,
  };
  const change = before === null ? ({ change: 'added', before } as const) : ({ change: 'updated', before } as const);
  routeChange({ kind: 'job', after, ...change }, false, routes);
  return asked;
}

describe('a Job that is new to the cache', () => {
  it('has its owner looked at, with others where it is as it was made', () => {
    expect(route(null, buildJob())).toEqual(['owner later']);
    expect(route(null, buildJob({ isSuspended: true }))).toEqual(['owner']);
    expect(route(null, buildJob({ isDeleting: true }))).toEqual(['owner']);
    expect(route(null, buildJob({ end: buildEnd('complete') }))).toEqual(['launch', 'owner']);
  });
});

describe('a Job that is known', () => {
  it('has its owner looked at when something changed that decisions look at', () => {
    const job = buildJob();
    expect(route(job, { ...job, startedAtMs: 1 })).toEqual([]);
    expect(route({ ...job, isSuspended: true }, job)).toEqual(['owner']);
    expect(route(job, { ...job, isDeleting: true })).toEqual(['owner']);
    expect(route(job, { ...job, end: buildEnd('failed') })).toEqual(['launch', 'owner']);
    const ended = { ...job, end: buildEnd('failed') };
    expect(route(ended, { ...ended, hasOutcomeFinalizer: false })).toEqual([]);
  });
});
