import { ClusterError, type ClusterErrorOptions } from '../../src/controller/cluster-error.ts';
import type { ReflectorFault } from '../../src/adapters/kubernetes/reflector/cache-writer.ts';
import { createObjectStore } from '../../src/adapters/kubernetes/reflector/object-store.ts';
import { createReflector } from '../../src/adapters/kubernetes/reflector/reflector.ts';
import { createManualClock } from './manual-clock.ts';
import { createScriptedKubeClient, type ScriptedStep } from './scripted-kube-client.ts';

export interface Thing {
  readonly name: string;
  readonly group: string;
  readonly size: number;
}

export function aThing(name: string, version: number, size = 1, uid = `uid-${name}`): object {
  return { metadata: { name, uid, resourceVersion: String(version) }, group: 'all', size };
}

export function parseThing(raw: unknown): Thing {
  const { metadata, group, size } = raw as { metadata: { name: string }; group: string; size: number };
  if (size < 0) throw new RangeError(`${metadata.name} has no size`);
  return { name: metadata.name, group, size };
}

export const aList = (version: number, items: readonly object[], rest = ''): ScriptedStep => ({
  answer: { metadata: { resourceVersion: String(version), continue: rest }, items },
});
export const put = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: object): object => ({ type, object });
export const bookmark = (version: number): object => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: String(version) } },
});
export const aWatch = (lines: readonly unknown[], end: 'closed' | 'open' | Error = 'closed'): ScriptedStep => ({
  lines,
  end,
});
export const failed = (kind: ClusterError['kind'], options: ClusterErrorOptions = {}): ClusterError =>
  new ClusterError(kind, `it is ${kind}`, options);

/** Runs a reflector over the script to its end; watches last `watchMs` by the clock. */
export async function reflect(
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
