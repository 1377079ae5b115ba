import { describe, expect, it, onTestFinished } from 'vitest';
import { createSteppedClock } from '../../../../test/support/stepped-clock.ts';
import {
  answer,
  failureOf,
  NEVER,
  ok,
  silence,
  startTransport as start,
  toAccess,
} from '../../../../test/support/transport-world.ts';
import type { KubeCall } from './kube-client.ts';
import { createKubeTransport } from './kube-transport.ts';

const GET: KubeCall = { verb: 'get', path: '/api/v1/things/one' };
const CREATE: KubeCall = { verb: 'create', path: '/api/v1/things', body: { name: 'one' } };

/** Real sockets on a machine that may be busy. */
const PATIENCE = { timeout: 30_000 };

describe('a call', PATIENCE, () => {
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

  it('that is stopped while its connection is made is never sent', async () => {
    const { server, call } = await start(ok);
    const stop = new AbortController();
    const calling = call(CREATE, stop.signal);
    // long enough to ask for a connection, too short to have one
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error('lease lost'));
    await expect(calling).rejects.toThrow('lease lost');
    await call();
    expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
  });
});

describe('a server that does not answer', PATIENCE, () => {
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

describe('a server that turns a call away', PATIENCE, () => {
  const busy = answer(429, { reason: 'TooManyRequests', message: 'busy' }, { 'retry-after': '2' });

  it('gets it again when it says', async () => {
    const { server, clock, call, seen } = await start((request, response, index) =>
      (index < 2 ? busy : answer(201, {}))(request, response, index),
    );
    const calling = call(CREATE);
    await server.arrived(1);
    await expect.poll(() => seen.length, PATIENCE).toBe(1);
    await clock.advance(1_999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    await expect.poll(() => seen.length, PATIENCE).toBe(2);
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
