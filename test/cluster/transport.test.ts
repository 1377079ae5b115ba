import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import type { KubeAccess } from '../../src/adapters/kubernetes/transport/kube-access.ts';
import { loadKubeAccess } from '../../src/adapters/kubernetes/transport/load-kube-access.ts';
import { openDoor as open, type TransportDoor } from '../support/transport-door.ts';

const { kubeconfig } = inject('apiServer');
const namespace = `transport-${crypto.randomUUID().slice(0, 8)}`;
const JOBS = `/apis/batch/v1/namespaces/${namespace}/jobs`;
const CONFIG_MAPS = `/api/v1/namespaces/${namespace}/configmaps`;
const NEVER = new AbortController().signal;

let access: KubeAccess;
let door: TransportDoor;

beforeAll(async () => {
  access = await loadKubeAccess({ ...process.env, KUBECONFIG: kubeconfig });
  door = open(access);
  await door.calls.call({ verb: 'create', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } }, NEVER);
});

afterAll(async () => {
  await door.calls.call({ verb: 'delete', path: `/api/v1/namespaces/${namespace}` }, NEVER);
  await door.close();
});

describe('the access to a cluster', () => {
  test('comes from the kubeconfig, without the library in this process', () => {
    expect(access.server).toMatch(/^https:/);
    expect(access).toMatchObject({ isRenewable: false, skipTlsVerify: false });
  });
});

describe('a real API server', () => {
  test('is watched three times, called and asked for a Lease over three connections', async () => {
    const own = open(access);
    onTestFinished(() => own.close());
    const stop = new AbortController();
    const query = { watch: '1', allowWatchBookmarks: 'true' };
    const watches = await Promise.all(
      [JOBS, CONFIG_MAPS, `/api/v1/namespaces/${namespace}/pods`].map((path) =>
        own.calls.watch({ path, query, inactivityMs: 60_000 }, stop.signal),
      ),
    );
    const body = { metadata: { name: 'watched' }, data: { mall: '회원' } };
    await own.calls.call({ verb: 'create', path: CONFIG_MAPS, body }, NEVER);
    await own.lease.call({ verb: 'get', path: '/version' }, NEVER);
    for await (const event of watches[1] ?? []) {
      const { type, object } = event as { type: string; object: { metadata: { name: string }; data: unknown } };
      if (object.metadata.name !== 'watched') continue;
      expect({ type, data: object.data }).toEqual({ type: 'ADDED', data: { mall: '회원' } });
      break;
    }
    expect(own.opened).toEqual({ calls: 1, watches: 1, lease: 1 });
    stop.abort();
  });

  test('ends a watch at the time that it was told', async () => {
    const query = { watch: '1', timeoutSeconds: '1' };
    const events: unknown[] = [];
    for await (const event of await door.calls.watch({ path: CONFIG_MAPS, query, inactivityMs: 60_000 }, NEVER)) {
      events.push(event);
    }
    expect(events).toEqual(expect.any(Array));
    expect(door.requests.at(-1)).toMatchObject({ verb: 'watch', code: '200' });
  });

  test.each([
    ['an object that is not there', 'not-found', { verb: 'get', path: `${JOBS}/none` }],
    ['an object that cannot be', 'invalid', { verb: 'create', path: JOBS, body: { metadata: { name: 'no-spec' } } }],
    ['a body that is no object', 'invalid', { verb: 'create', path: JOBS, body: 7 }],
    [
      'a patch of no known type',
      'invalid',
      { verb: 'patch', path: `${JOBS}/none`, contentType: 'text/plain', body: {} },
    ],
    ['a method that a path does not have', 'invalid', { verb: 'update', path: JOBS, body: {} }],
  ] as const)('says of %s: %s', async (_, kind, call) => {
    await expect(door.calls.call(call, NEVER)).rejects.toMatchObject({ kind });
  });

  test('tells an object that is there from one that has changed', async () => {
    const body = { metadata: { name: 'one', resourceVersion: '' } };
    const made = await door.calls.call({ verb: 'create', path: CONFIG_MAPS, body }, NEVER);
    const again = door.calls.call({ verb: 'create', path: CONFIG_MAPS, body }, NEVER);
    await expect(again).rejects.toMatchObject({ kind: 'already-exists', status: 409 });
    const update = (data: object): Promise<unknown> =>
      door.calls.call({ verb: 'update', path: `${CONFIG_MAPS}/one`, body: { ...(made as object), data } }, NEVER);
    await update({ n: '1' });
    await expect(update({ n: '2' })).rejects.toMatchObject({ kind: 'conflict', status: 409 });
  });

  test('does not let everyone in', async () => {
    const nobody = open({ ...access, headers: { 'impersonate-user': 'nobody' } });
    onTestFinished(() => nobody.close());
    await expect(nobody.calls.call({ verb: 'list', path: JOBS }, NEVER)).rejects.toMatchObject({ kind: 'forbidden' });
  });

  test('that refuses a token is asked with a newer one', async () => {
    const wrong: KubeAccess = {
      ...access,
      clientCertificate: null,
      clientKey: null,
      bearerToken: { kind: 'text', text: 'wrong' },
      isRenewable: true,
    };
    const own = open(wrong, () => Promise.resolve(access));
    onTestFinished(() => own.close());
    await own.calls.call({ verb: 'list', path: CONFIG_MAPS, query: { limit: '1' } }, NEVER);
    expect(own.requests.map(({ code }) => code)).toEqual(['401', '200']);
  });
});
