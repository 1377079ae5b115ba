import { describe, expect, it } from 'vitest';
import { aList, aThing, aWatch, bookmark, failed, put, reflect } from '../../../../test/support/reflector-script.ts';
import type { ScriptedStep } from '../../../../test/support/scripted-kube-client.ts';

describe('the watch', () => {
  it('brings every change in order', async () => {
    const { changes } = await reflect([
      aList(1, [aThing('a', 1)]),
      aWatch([
        put('MODIFIED', aThing('a', 2, 2)),
        put('ADDED', aThing('b', 3)),
        put('DELETED', aThing('a', 4, 2)),
        put('DELETED', aThing('unknown', 5)),
      ]),
    ]);
    expect(changes).toEqual(['initially added a ->1', 'updated a 1>2', 'added b ->1', 'deleted a 2>-']);
  });

  it('goes on where it ended, bookmarks included, without a list and without a pause', async () => {
    const { asked, pausesMs, health } = await reflect([
      aList(1, []),
      aWatch([put('ADDED', aThing('a', 4))]),
      aWatch([bookmark(9)]),
      aWatch([]),
    ]);
    expect(asked).toEqual(['list', 'watch 1', 'watch 4', 'watch 9', 'watch 9']);
    expect(pausesMs).toEqual([]);
    expect(health.watchEnds).toMatchObject({ closed: 3 });
  });

  it('lists again once an hour, so that an event that never came is made up for', async () => {
    const hourOfWatches = Array.from({ length: 12 }, () => aWatch([bookmark(4)]));
    const { asked, pausesMs, changes } = await reflect([
      aList(1, [aThing('a', 1)]),
      ...hourOfWatches,
      aList(9, [aThing('a', 3, 2)]),
      aWatch([]),
    ]);
    expect(asked.slice(-4)).toEqual(['watch 4', 'list', 'watch 9', 'watch 9']);
    expect(asked.filter((call) => call === 'list')).toHaveLength(2);
    expect(changes).toEqual(['initially added a ->1', 'updated a 1>2']);
    expect(pausesMs).toEqual([]);
  });

  it('goes on where it broke, after a pause', async () => {
    const { asked, pausesMs, health } = await reflect([
      aList(1, []),
      aWatch([bookmark(4)], failed('unavailable')),
      { failure: failed('throttled', { retryAfterMs: 7_000 }) },
      aWatch([]),
    ]);
    expect(asked).toEqual(['list', 'watch 1', 'watch 4', 'watch 4', 'watch 4']);
    expect(pausesMs).toEqual([400, 7_000]);
    expect(health.watchEnds).toMatchObject({ broken: 1, throttled: 1, closed: 1 });
  });

  it.each([
    ['the version is too old, by status', { failure: failed('gone') }, 'gone'],
    ['the version is too old, by event', aWatch([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]), 'gone'],
    ['the server gives up with another code', aWatch([{ type: 'ERROR', object: { code: 500 } }]), 'refused'],
    ['the server gives up without a code', aWatch([{ type: 'ERROR', object: {} }]), 'refused'],
    ['the watch is refused', { failure: failed('forbidden') }, 'refused'],
    ['a line is no event', aWatch([{ type: 'ADDED', object: { kind: 'Thing' } }]), 'malformed'],
    ['a line cannot be read', aWatch([], new SyntaxError('Unexpected end of JSON input')), 'malformed'],
    ['not a word was heard', aWatch([], failed('timeout')), 'mute'],
  ] as const)('lists again, after a pause, when %s', async (_why, step, end) => {
    const { asked, pausesMs, health, faults } = await reflect([aList(1, []), step, aList(5, [])]);
    expect(asked).toEqual(['list', 'watch 1', 'list', 'watch 5']);
    expect(pausesMs).toEqual([400]);
    expect(health.watchEnds[end]).toBe(1);
    expect(faults.map(({ at }) => at)).toEqual(['watch']);
  });

  it('pauses when the server is too busy to go on, and then goes on', async () => {
    const { asked, pausesMs } = await reflect([aList(1, []), aWatch([{ type: 'ERROR', object: { code: 429 } }])]);
    expect(asked).toEqual(['list', 'watch 1', 'watch 1']);
    expect(pausesMs).toEqual([400]);
  });

  it('goes on at once when bookmarks stay away from a watch that had spoken', async () => {
    const { asked, pausesMs } = await reflect([aList(1, []), aWatch([bookmark(3)], failed('timeout'))]);
    expect(asked).toEqual(['list', 'watch 1', 'watch 3']);
    expect(pausesMs).toEqual([]);
  });

  it('pauses longer and longer while the server ends each one as soon as it has begun', async () => {
    const { pausesMs, health } = await reflect([aList(1, []), aWatch([]), aWatch([bookmark(2)]), aWatch([])], {
      watchMs: 10,
    });
    expect(pausesMs).toEqual([400, 800, 1_600]);
    expect(health.watchEnds).toMatchObject({ short: 3, closed: 0 });
  });

  it('doubts its version after three that were not accepted', async () => {
    const down: ScriptedStep = { failure: failed('unavailable') };
    const { asked } = await reflect([aList(1, []), down, down, aWatch([]), down, down, down, aList(8, [])]);
    expect(asked).toEqual([
      'list',
      'watch 1',
      'watch 1',
      'watch 1',
      'watch 1',
      'watch 1',
      'watch 1',
      'list',
      'watch 8',
    ]);
  });

  it('pauses at most half a minute, and shortly again after two minutes without a fault', async () => {
    const down: ScriptedStep = { failure: failed('unavailable') };
    const { pausesMs } = await reflect([
      ...Array.from({ length: 8 }, () => down),
      aList(1, []),
      aWatch([bookmark(2)], failed('unavailable')),
    ]);
    expect(pausesMs).toEqual([400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000, 400]);
  });
});
