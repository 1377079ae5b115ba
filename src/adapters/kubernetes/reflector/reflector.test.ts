import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import {
  aList,
  aThing,
  aWatch,
  bookmark,
  failed,
  parseThing,
  put,
  reflect,
  type Thing,
} from '../../../../test/support/reflector-script.ts';
import { createScriptedKubeClient } from '../../../../test/support/scripted-kube-client.ts';
import type { ReflectorFault } from './cache-writer.ts';
import { createObjectStore } from './object-store.ts';
import { createReflector } from './reflector.ts';

describe('the list', () => {
  it('is read in pages and then watched from its version on', async () => {
    const { requests, store, asked } = await reflect([
      aList(7, [aThing('a', 1), aThing('b', 2)], 'token'),
      aList(7, [aThing('c', 3)]),
    ]);
    expect(asked).toEqual(['list', 'list', 'watch 7']);
    expect(requests[0]).toEqual({ verb: 'list', path: '/things', query: { labelSelector: 'a=b', limit: '500' } });
    expect(requests[1]).toMatchObject({ query: { labelSelector: 'a=b', limit: '500', continue: 'token' } });
    expect(requests[2]).toMatchObject({
      path: '/things',
      query: { labelSelector: 'a=b', watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: '450' },
    });
    expect(store.list().map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('is read in one piece when it was compacted between two pages', async () => {
    const { requests, changes } = await reflect([
      aList(7, [aThing('a', 1), aThing('b', 2)], 'token'),
      { failure: failed('gone') },
      aList(9, [aThing('b', 2), aThing('c', 8)]),
    ]);
    expect(requests[2]).toEqual({ verb: 'list', path: '/things', query: { labelSelector: 'a=b' } });
    expect(requests[3]).toMatchObject({ query: { resourceVersion: '9' } });
    expect(changes).toEqual(['initially added b ->1', 'initially added c ->1']);
  });

  it('is asked for again after longer and longer pauses, never sooner than the server says', async () => {
    const { pausesMs, health, faults } = await reflect([
      { failure: failed('unavailable') },
      { failure: failed('throttled', { retryAfterMs: 3_000 }) },
      { failure: failed('forbidden') },
      { answer: { kind: 'Status' } },
      aList(1, []),
    ]);
    expect(pausesMs).toEqual([400, 3_000, 1_600, 3_200]);
    expect(health).toMatchObject({ hasSynced: true, lists: 1 });
    expect(faults.map(({ at }) => at)).toEqual(['list', 'list', 'list', 'list']);
  });

  it('tells what came, changed and went since the last one, and reads nothing anew that stayed', async () => {
    const same = aThing('same', 1);
    const { changes } = await reflect([
      aList(5, [same, aThing('changed', 2), aThing('gone', 3), aThing('replaced', 4)]),
      aWatch([], failed('gone')),
      aList(9, [{ ...same, size: -1 }, aThing('changed', 6, 2), aThing('replaced', 7, 3, 'another'), aThing('new', 8)]),
    ]);
    expect(changes.filter((change) => !change.startsWith('initially'))).toEqual([
      'deleted gone 1>-',
      'updated changed 1>2',
      'deleted replaced 1>-',
      'added replaced ->3',
      'added new ->1',
    ]);
  });
});

describe('faults of others', () => {
  it('an object that cannot be read stays as it was and holds nothing up', async () => {
    const { store, faults, health, asked } = await reflect([
      aList(1, [aThing('a', 1), aThing('b', 1, -1)]),
      aWatch([put('MODIFIED', aThing('a', 2, -1)), put('ADDED', aThing('c', 3, -1)), put('ADDED', aThing('d', 4))]),
      aWatch([], failed('gone')),
      aList(6, [aThing('a', 5, -1), aThing('d', 4)]),
    ]);
    expect(store.list().map(({ name, size }) => [name, size])).toEqual([
      ['a', 1],
      ['d', 1],
    ]);
    expect(faults.map(({ at }) => at)).toEqual(['project', 'project', 'project', 'watch', 'project']);
    expect(health.unreadable).toBe(4);
    expect(asked).toEqual(['list', 'watch 1', 'watch 4', 'list', 'watch 6']);
  });

  it('a handler that throws is reported and called again with the next change', async () => {
    const { changes, faults, store } = await reflect(
      [aList(1, [aThing('a', 1), aThing('b', 1)]), aWatch([put('DELETED', aThing('a', 2))])],
      {
        onChange: () => {
          throw new Error('a bug');
        },
      },
    );
    expect(changes).toEqual(['initially added a ->1', 'initially added b ->1', 'deleted a 1>-']);
    expect(faults.map(({ at }) => at)).toEqual(['handler', 'handler', 'handler']);
    expect(store.size).toBe(1);
  });
});

describe('the end', () => {
  it.each([
    ['a list', []],
    ['a watch', [aList(1, [])]],
    ['an open watch', [aList(1, []), aWatch([bookmark(2)], 'open')]],
  ] as const)('comes at once during %s', async (_what, script) => {
    const client = createScriptedKubeClient(script);
    const faults: ReflectorFault[] = [];
    const reflector = createReflector<Thing>({
      client,
      clock: createManualClock(),
      random: () => 0.5,
      collection: { path: '/things', query: {} },
      store: createObjectStore<Thing>(() => null),
      project: parseThing,
      onChange: () => undefined,
      onFault: (fault) => void faults.push(fault),
    });
    const stop = new AbortController();
    const run = reflector.run(stop.signal);
    await Promise.race([client.finished, reflector.synced]);
    stop.abort();
    await run;
    expect(faults).toEqual([]);
    expect(client.requests.length).toBeLessThanOrEqual(script.length + 1);
  });
});
