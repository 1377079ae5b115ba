import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../../test/support/manual-clock.ts';
import { createScriptedKubeClient, type ScriptedStep } from '../../../../test/support/scripted-kube-client.ts';
import { ClusterError, type ClusterErrorOptions } from '../../../controller/cluster-error.ts';
import type { ReflectorFault } from './cache-writer.ts';
import { createObjectStore } from './object-store.ts';
import { createReflector } from './reflector.ts';

interface Thing {
  readonly name: string;
  readonly group: string;
  readonly size: number;
}

function aThing(name: string, version: number, size = 1, uid = `uid-${name}`): object {
  return { metadata: { name, uid, resourceVersion: String(version) }, group: 'all', size };
}

function parseThing(raw: unknown): Thing {
  const { metadata, group, size } = raw as { metadata: { name: string }; group: string; size: number };
  if (size < 0) throw new RangeError(`${metadata.name} has no size`);
  return { name: metadata.name, group, size };
}

const aList = (version: number, items: readonly object[], rest = ''): ScriptedStep => ({
  answer: { metadata: { resourceVersion: String(version), continue: rest }, items },
});
const put = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: object): object => ({ type, object });
const bookmark = (version: number): object => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: String(version) } },
});
const aWatch = (lines: readonly unknown[], end: 'closed' | 'open' | Error = 'closed'): ScriptedStep => ({ lines, end });
const failed = (kind: ClusterError['kind'], options: ClusterErrorOptions = {}): ClusterError =>
  new ClusterError(kind, `it is ${kind}`, options);

/** Runs a reflector over the script to its end; watches last `watchMs` by the clock. */
async function reflect(
  script: readonly ScriptedStep[],
  { watchMs = 300_000, random = 0.5, onChange = (_change: string): void => undefined } = {},
) {
  const clock = createManualClock();
  const client = createScriptedKubeClient(script, () => clock.advance(watchMs));
  const store = createObjectStore<Thing>(({ group }) => group);
  const changes: string[] = [];
  const faults: ReflectorFault[] = [];
  const reflector = createReflector<Thing>({
    client,
    clock,
    random: () => random,
    collection: { path: '/things', query: { labelSelector: 'a=b' } },
    store,
    project: parseThing,
    onChange({ change, before, after }, isInitial) {
      const said = `${isInitial ? 'initially ' : ''}${change} ${before?.name ?? after?.name} ${before?.size ?? '-'}>${after?.size ?? '-'}`;
      changes.push(said);
      onChange(said);
    },
    onFault: (fault) => void faults.push(fault),
  });
  const stop = new AbortController();
  const run = reflector.run(stop.signal);
  await client.finished;
  const health = reflector.readHealth();
  stop.abort(new Error('the test is over'));
  await run;
  const asked = client.requests.map((request) =>
    'inactivityMs' in request ? `watch ${request.query['resourceVersion']}` : 'list',
  );
  return { asked, requests: client.requests, changes, faults, health, pausesMs: clock.delaysMs, store };
}

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
