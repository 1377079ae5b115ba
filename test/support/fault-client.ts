import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeCall, KubeClient } from '../../src/adapters/kubernetes/transport/kube-client.ts';
import { ClusterError } from '../../src/controller/cluster-error.ts';
import type { StepGate, Life } from './fault-points-gate.ts';
import type { StepKind } from './fault-points.ts';

/** What is to be known of each call before it is sent. */
export type CallWitness = (call: KubeCall, life: Life) => Promise<void>;

/** How stale a cache becomes. */
const STALE_MS = 300;

/** The client of one process, every call and every event of which goes through the gate. */
export function gateClient(client: KubeClient, gate: StepGate, life: Life, witness: CallWitness): KubeClient {
  return {
    call: (call, signal) => {
      const { resource, key } = nameCall(call.verb, call.path);
      return gate.pass(life, key, toKind(call.verb, resource), async () => {
        await witness(call, life);
        return await client.call(call, signal);
      });
    },
    async watch(watch, signal) {
      const { resource, key } = nameCall('watch', watch.path);
      const given = new AbortController();
      const either = AbortSignal.any([signal, given.signal]);
      const events = await gate.pass(life, key, 'watch', () => client.watch(watch, either));
      return gateEvents(events, `event of ${resource}`, gate, life, () => given.abort());
    },
    close: () => Promise.resolve(),
  };
}

function nameCall(verb: string, path: string): { readonly resource: string; readonly key: string } {
  const [, resource = path, , subresource] = /\/namespaces\/[^/]+\/([^/]+)(\/[^/]+(?:\/(.+))?)?$/.exec(path) ?? [];
  return { resource, key: `${verb} ${subresource === undefined ? resource : `${resource}/${subresource}`}` };
}

function toKind(verb: KubeCall['verb'], resource: string): StepKind {
  if (verb === 'get' || verb === 'list') return 'read';
  if (resource === 'events') return 'event-write';
  return verb === 'create' ? 'create' : 'write';
}

async function* gateEvents(
  events: AsyncIterable<unknown>,
  key: string,
  gate: StepGate,
  life: Life,
  giveUp: () => void,
): AsyncGenerator {
  const reader = events[Symbol.asyncIterator]();
  let isLossy: Promise<null> | null = null;
  try {
    for (;;) {
      const next: IteratorResult<unknown> | null = await (isLossy === null
        ? reader.next()
        : Promise.race([reader.next(), isLossy]));
      if (next === null) throw toGone();
      if (next.done === true) return;
      if (isBookmark(next.value)) yield next.value;
      else {
        const fault = gate.meet(life, key, 'watch-event');
        if (fault === null) yield next.value;
        else if (fault.name === 'dropped') isLossy = sleep(STALE_MS, null);
        else if (fault.name === 'duplicated') yield* [next.value, next.value];
        else if (fault.name === 'delayed') {
          await sleep(STALE_MS);
          yield next.value;
        } else if (fault.name === 'closed') {
          yield next.value;
          return;
        } else throw fault.name === '410' ? toGone() : new ClusterError('unavailable', 'injected: the watch broke');
      }
    }
  } finally {
    giveUp();
  }
}

function toGone(): ClusterError {
  return new ClusterError('gone', 'injected: too old a resource version', { status: 410 });
}

function isBookmark(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'type' in event && event.type === 'BOOKMARK';
}
