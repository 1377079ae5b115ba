import { describe, expect, it, onTestFinished } from 'vitest';
import { startScriptedServer, type Script } from '../../../../test/support/scripted-server.ts';
import { createSteppedClock } from '../../../../test/support/stepped-clock.ts';
import { OTHER_CERTIFICATE, TEST_CERTIFICATE } from '../../../../test/support/test-certificates.ts';
import {
  answer,
  failureOf,
  NEVER,
  ok,
  silence,
  startTransport as start,
  toAccess,
} from '../../../../test/support/transport-world.ts';
import type { KubeAccess } from './kube-access.ts';
import type { KubeCall } from './kube-client.ts';
import { createKubeTransport } from './kube-transport.ts';

const GET: KubeCall = { verb: 'get', path: '/api/v1/things/one' };
const CREATE: KubeCall = { verb: 'create', path: '/api/v1/things', body: { name: 'one' } };

describe('a call', () => {
  it('sends verb, path, query, identity and body, and brings the answer as it is', async () => {
    const { server, call } = await start(answer(200, { kind: 'Thing', unknownField: { 한글: 1 } }));
    const body = { metadata: { name: 'one' } };
    const query = { fieldManager: 'a b', force: 'true' };
    const got = await call({ verb: 'patch', query, body, contentType: 'application/apply-patch+yaml' });
    expect(got).toEqual({ kind: 'Thing', unknownField: { 한글: 1 } });
    expect(server.requests[0]).toMatchObject({
      method: 'PATCH',
      url: '/api/v1/things/one?fieldManager=a+b&force=true',
      body: JSON.stringify(body),
      version: '2.0',
    });
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      accept: 'application/json',
      'content-type': 'application/apply-patch+yaml',
      'user-agent': 'mallsync/1.2.3',
    });
  });

  it.each([
    ['get', 'GET'],
    ['list', 'GET'],
    ['create', 'POST'],
    ['update', 'PUT'],
    ['patch', 'PATCH'],
    ['delete', 'DELETE'],
  ] as const)('to %s is a %s', async (verb, method) => {
    const { server, call, seen } = await start(ok);
    await call({ verb });
    expect(server.requests[0]).toMatchObject({ method });
    expect(seen).toMatchObject([{ verb, method, code: '200', host: new URL(server.url).host }]);
  });

  it('stands below the path of the server', async () => {
    const { server } = await start(ok);
    const transport = createKubeTransport({
      access: toAccess(`${server.url}/k8s/clusters/a/`),
      reload: () => Promise.reject(new Error('not renewable')),
      clock: createSteppedClock(),
      userAgent: 'mallsync/1.2.3',
    });
    onTestFinished(() => transport.close());
    await transport.calls.call(GET, NEVER);
    expect(server.requests[0]).toMatchObject({ url: '/k8s/clusters/a/api/v1/things/one' });
  });

  it('fails with what the server says', async () => {
    const status = { kind: 'Status', reason: 'AlreadyExists', message: 'things "one" already exists' };
    const { call, seen } = await start(answer(409, status));
    expect(await failureOf(call(CREATE))).toMatchObject({
      kind: 'already-exists',
      status: 409,
      message: 'things "one" already exists',
    });
    expect(seen).toMatchObject([{ code: '409' }]);
  });

  it('fails when a success is no JSON', async () => {
    const { call } = await start(answer(200, '<html>'));
    expect(await failureOf(call())).toMatchObject({ kind: 'unavailable', status: 200, cause: expect.any(SyntaxError) });
  });

  it('that is stopped ends with the reason of its signal', async () => {
    const { server, call } = await start(silence);
    const stop = new AbortController();
    const calling = call({}, stop.signal);
    await server.arrived(1);
    stop.abort(new Error('lease lost'));
    await expect(calling).rejects.toThrow('lease lost');
    await expect(call({}, stop.signal)).rejects.toThrow('lease lost');
    expect(server.requests).toHaveLength(1);
  });
});

describe('a server that does not answer', () => {
  it.each([
    ['get', 10_000],
    ['create', 10_000],
    ['list', 30_000],
  ] as const)('ends a %s at its deadline of %i ms', async (verb, deadlineMs) => {
    const { server, clock, call, seen } = await start(silence);
    const failure = failureOf(call({ verb }));
    await server.arrived(1);
    await clock.advance(deadlineMs - 1);
    expect(seen).toEqual([]);
    await clock.advance(1);
    expect(await failure).toMatchObject({ kind: 'timeout', message: expect.stringContaining(`${deadlineMs} ms`) });
    expect(seen).toMatchObject([{ code: '<error>' }]);
    expect(server.requests).toHaveLength(1);
  });

  it('ends a call at the deadline that it names, also in the middle of a body', async () => {
    const { server, clock, call } = await start((_, response) => {
      response.writeHead(200);
      response.write('{"half":');
    });
    const failure = failureOf(call({ deadlineMs: 500 }));
    await server.arrived(1);
    await clock.advance(500);
    expect(await failure).toMatchObject({ kind: 'timeout' });
  });

  it('loses its connection: the next call takes a new one', async () => {
    const { server, clock, call } = await start((request, response, index) =>
      index === 0 ? undefined : ok(request, response, index),
    );
    const failure = failureOf(call());
    await server.arrived(1);
    await clock.advance(10_000);
    await failure;
    await call();
    expect(server.opened).toBe(2);
  });

  it('keeps its connection where only one request was slow', async () => {
    const { server, clock, call } = await start((request, response, index) =>
      index === 0 ? undefined : ok(request, response, index),
    );
    const failure = failureOf(call());
    await server.arrived(1);
    await clock.advance(5_000);
    await call();
    await clock.advance(5_000);
    expect(await failure).toMatchObject({ kind: 'timeout' });
    await call();
    expect(server.opened).toBe(1);
  });

  it('does not stand in the way of the Lease', async () => {
    const { server, transport, clock, call } = await start(
      (request, response, index) => (request.url.includes('lease') ? ok(request, response, index) : undefined),
      { maxConcurrentCalls: 2 },
    );
    const failures = [call(), call(), call()].map(failureOf);
    await server.arrived(2);
    await transport.lease.call({ verb: 'get', path: '/lease', deadlineMs: 1_000 }, NEVER);
    expect(server.requests.map(({ url }) => url)).toContain('/lease');
    await clock.advance(10_000);
    await server.arrived(4);
    await clock.advance(10_000);
    expect((await Promise.all(failures)).map(({ kind }) => kind)).toEqual(['timeout', 'timeout', 'timeout']);
  });
});

describe('a server that turns a call away', () => {
  const busy = answer(429, { reason: 'TooManyRequests', message: 'busy' }, { 'retry-after': '2' });

  it('gets it again when it says', async () => {
    const { server, clock, call, seen } = await start((request, response, index) =>
      (index < 2 ? busy : answer(201, {}))(request, response, index),
    );
    const calling = call(CREATE);
    await server.arrived(1);
    await expect.poll(() => seen.length).toBe(1);
    await clock.advance(1_999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    await expect.poll(() => seen.length).toBe(2);
    await clock.advance(2_000);
    await calling;
    expect(server.requests.map(({ body }) => body)).toEqual(Array.from({ length: 3 }, () => '{"name":"one"}'));
    expect(seen.map(({ code }) => code)).toEqual(['429', '429', '201']);
  });

  it('is told on where the deadline comes first', async () => {
    const { call, seen } = await start(busy);
    expect(await failureOf(call({ deadlineMs: 1_500 }))).toMatchObject({ kind: 'throttled', retryAfterMs: 2_000 });
    expect(seen).toHaveLength(1);
  });

  it('without a time is told on at once', async () => {
    const { server, call } = await start(answer(503, {}));
    expect(await failureOf(call())).toMatchObject({ kind: 'unavailable', status: 503 });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a connection that breaks', () => {
  const breakFirst =
    (count: number): Script =>
    (request, response, index) =>
      index < count ? void response.destroy() : ok(request, response, index);

  it.each(['h2', 'https'] as const)('before an answer: over %s a read is sent again', async (protocol) => {
    const { server, clock, call, seen } = await start(breakFirst(2), { protocol });
    const calling = call();
    await expect.poll(() => seen.length).toBe(1);
    await clock.advance(50);
    await expect.poll(() => seen.length).toBe(2);
    await clock.advance(100);
    await expect(calling).resolves.toEqual({ kind: 'Thing' });
    expect(server.requests).toHaveLength(3);
  });

  it.each(['h2', 'https'] as const)('before an answer: over %s a create is not sent again', async (protocol) => {
    const { server, call } = await start(breakFirst(1), { protocol });
    const failure = await failureOf(call(CREATE));
    expect(failure).toMatchObject({ kind: 'unavailable', status: undefined, cause: expect.any(Error) });
    await call();
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  it('is reset with all that is on it: each call fails, the next ones go on', async () => {
    const { server, call, open } = await start((request, response, index) =>
      index < 3 ? undefined : ok(request, response, index),
    );
    const failures = [1, 2, 3].map(() => failureOf(call(CREATE)));
    await server.arrived(3);
    server.reset();
    expect((await Promise.all(failures)).map(({ kind }) => kind)).toEqual(
      Array.from({ length: 3 }, () => 'unavailable'),
    );
    await call(CREATE);
    expect(server.opened).toBe(2);
    await expect.poll(() => open.calls).toBe(1);
  });

  it('in the middle of an answer is told on, of a read too', async () => {
    const { server, call } = await start(async (_, response) => {
      response.writeHead(200);
      response.write('{"half":');
      await new Promise((resolve) => setImmediate(resolve));
      response.destroy();
    });
    expect(await failureOf(call())).toMatchObject({ kind: 'unavailable' });
    expect(server.requests).toHaveLength(1);
  });

  it('cannot be made: that is told on when reads have been tried', async () => {
    const { server, clock, call, seen } = await start(ok);
    const { port } = new URL(server.url);
    await server.close();
    const failure = failureOf(call());
    for (const [tries, delayMs] of [50, 100, 200, 400].entries()) {
      await expect.poll(() => seen.length).toBe(tries + 1);
      await clock.advance(delayMs);
    }
    expect(await failure).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('ECONNREFUSED') });
    expect(seen).toHaveLength(5);
    const again = await startScriptedServer(ok, { protocol: 'h2', port: Number(port) });
    onTestFinished(() => again.close());
    await call();
    expect(again.requests).toHaveLength(1);
  });

  it('is with a server that another authority vouches for: nothing is sent', async () => {
    const { server, call } = await start(ok, { certificate: OTHER_CERTIFICATE });
    expect(await failureOf(call(CREATE))).toMatchObject({ kind: 'unavailable' });
    expect(server.requests).toEqual([]);
  });
});

describe('credentials that the server refuses', () => {
  const needsToken =
    (token: string): Script =>
    (request, response, index) =>
      (request.headers['authorization'] === `Bearer ${token}` ? ok : answer(401, { reason: 'Unauthorized' }))(
        request,
        response,
        index,
      );
  const renewed = (token: string): Partial<KubeAccess> => ({ bearerToken: { kind: 'text', text: token } });

  it('are renewed once, and the call sent again', async () => {
    let reloads = 0;
    const reload = (): Promise<KubeAccess> => {
      reloads += 1;
      return Promise.resolve(toAccess('https://unused', renewed('new')));
    };
    const { server, call } = await start(needsToken('new'), { access: { isRenewable: true }, reload });
    await Promise.all([call(CREATE), call(CREATE), call(CREATE)]);
    await call();
    expect(reloads).toBe(1);
    expect(server.requests.at(-1)?.headers['authorization']).toBe('Bearer new');
  });

  it('are not renewed a second time for one call', async () => {
    const reload = (): Promise<KubeAccess> => Promise.resolve(toAccess('https://unused', renewed('also wrong')));
    const { server, call } = await start(needsToken('right'), { access: { isRenewable: true }, reload });
    expect(await failureOf(call())).toMatchObject({ kind: 'unauthorized', status: 401 });
    expect(server.requests).toHaveLength(2);
  });

  it('that cannot be renewed are told on', async () => {
    const { server, call } = await start(needsToken('right'));
    expect(await failureOf(call())).toMatchObject({ kind: 'unauthorized' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('the connections', () => {
  it.each([100, 10, 1])(
    'are one for 500 calls at once, where the server takes %i streams',
    async (maxConcurrentStreams) => {
      const { server, call, open } = await start(ok, { maxConcurrentStreams });
      await Promise.all(Array.from({ length: 500 }, () => call(CREATE)));
      expect(server.requests).toHaveLength(500);
      expect(server.opened).toBe(1);
      expect(open).toEqual({ calls: 1, watches: 0, lease: 0 });
    },
  );

  it('carry no more calls at once than are allowed', async () => {
    const held: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const { server, call } = await start(
      async (request, response, index) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => held.push(resolve));
        running -= 1;
        await ok(request, response, index);
      },
      { maxConcurrentCalls: 7 },
    );
    const calls = Array.from({ length: 30 }, () => call());
    for (let count = 7; count <= 30; count++) {
      await server.arrived(count);
      held.shift()?.();
    }
    for (const release of held) release();
    await Promise.all(calls);
    expect(most).toBe(7);
  });

  it('are a pool of twelve where the server speaks no HTTP/2', async () => {
    const { server, call } = await start(ok, { protocol: 'https' });
    await Promise.all(Array.from({ length: 500 }, () => call(CREATE)));
    expect(server.requests.map(({ version }) => version)).toEqual(Array.from({ length: 500 }, () => '1.1'));
    // the one that found this out, and the pool
    expect(server.opened).toBeLessThanOrEqual(13);
    expect(server.opened).toBeGreaterThan(2);
  });

  it('work without TLS', async () => {
    const { server, call } = await start(ok, { protocol: 'http' });
    await Promise.all(Array.from({ length: 50 }, () => call()));
    expect(server.opened).toBeLessThanOrEqual(12);
  });

  it('are left one after the other when the server sends its clients away', async () => {
    const { server, call } = await start(ok);
    for (let round = 1; round <= 3; round++) {
      const calls = Array.from({ length: 100 }, () => call(CREATE));
      await server.arrived(100 * (round - 1) + 20);
      server.goAway();
      await Promise.all(calls);
    }
    expect(server.requests).toHaveLength(300);
    // each time one for what the old one had refused, and one for what came after
    expect(server.opened).toBeLessThanOrEqual(7);
  });

  it('are made anew when the certificate changes, and the old one is ended', async () => {
    const access = { isRenewable: true, expiresAtMs: 100_000, certificateAuthority: null, skipTlsVerify: true };
    const client = (certificate: typeof TEST_CERTIFICATE): Partial<KubeAccess> => ({
      clientCertificate: { kind: 'text', text: certificate.cert },
      clientKey: { kind: 'text', text: certificate.key },
    });
    const { server, clock, call, open } = await start(ok, {
      access: { ...access, ...client(TEST_CERTIFICATE) },
      reload: () => Promise.resolve(toAccess('https://unused', { skipTlsVerify: true, ...client(OTHER_CERTIFICATE) })),
    });
    await call();
    await clock.advance(50_000);
    await call();
    expect(server.opened).toBe(1);
    await clock.advance(50_000);
    await call();
    expect(server.opened).toBe(2);
    await expect.poll(() => open.calls).toBe(1);
  });

  it('end with the transport, and so does what is under way', async () => {
    const { server, transport, call, open } = await start(silence);
    const failure = failureOf(call(CREATE));
    await server.arrived(1);
    await transport.close();
    expect(await failure).toMatchObject({ kind: 'unavailable' });
    await expect.poll(() => open.calls).toBe(0);
    await expect(call()).rejects.toThrow('closed');
  });
});
