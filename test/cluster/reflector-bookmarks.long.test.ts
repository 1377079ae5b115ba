import { expect, inject, onTestFinished, test } from 'vitest';
import { createObjectStore } from '../../src/adapters/kubernetes/reflector/object-store.ts';
import { createReflector } from '../../src/adapters/kubernetes/reflector/reflector.ts';
import { loadKubeAccess } from '../../src/adapters/kubernetes/transport/load-kube-access.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { openDoor } from '../support/transport-door.ts';

test('a watch of what nobody changes hears bookmarks sooner than it is taken for dead', async () => {
  const door = openDoor(await loadKubeAccess({ ...process.env, KUBECONFIG: inject('apiServer').kubeconfig }));
  const stop = new AbortController();
  const heard = Promise.withResolvers<void>();
  const ends: unknown[] = [];
  const reflector = createReflector({
    client: {
      call: (call, signal) => door.calls.call(call, signal),
      async watch(watch, signal) {
        const lines = await door.calls.watch(watch, signal);
        return (async function* hear() {
          for await (const line of lines) {
            yield line;
            heard.resolve();
          }
        })();
      },
    },
    clock: systemClock,
    random: () => 0.1,
    collection: { path: '/api/v1/namespaces/default/podtemplates', query: {} },
    store: createObjectStore<unknown>(() => null),
    project: (raw) => raw,
    onChange: () => undefined,
    onFault: ({ error }) => void ends.push(error),
  });
  const run = reflector.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await run;
    await door.close();
  });
  await heard.promise;
  expect(ends).toEqual([]);
  expect(reflector.readHealth()).toMatchObject({ lists: 1, objects: 0 });
}, 280_000);
