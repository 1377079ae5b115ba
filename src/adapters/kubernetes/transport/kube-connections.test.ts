import { describe, expect, it, onTestFinished } from 'vitest';
import { startScriptedServer, type Script } from '../../../../test/support/scripted-server.ts';
import { OTHER_CERTIFICATE, TEST_CERTIFICATE } from '../../../../test/support/test-certificates.ts';
import { failureOf, ok, silence, startTransport as start, toAccess } from '../../../../test/support/transport-world.ts';
import type { KubeAccess } from './kube-access.ts';
import type { KubeCall } from './kube-client.ts';

const CREATE: KubeCall = { verb: 'create', path: '/api/v1/things', body: { name: 'one' } };

/** Real sockets on a machine that may be busy. */
const PATIENCE = { timeout: 30_000 };

describe('a connection that breaks', PATIENCE, () => {
  const breakFirst =
    (count: number): Script =>
    (request, response, index) =>
      index < count ? void response.destroy() : ok(request, response, index);

  it.each(['h2', 'https'] as const)('before an answer: over %s a read is sent again', async (protocol) => {
    const { server, clock, call, seen } = await start(breakFirst(2), { protocol });
    const calling = call();
    await expect.poll(() => seen.length, PATIENCE).toBe(1);
    await clock.advance(50);
    await expect.poll(() => seen.length, PATIENCE).toBe(2);
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
    await expect.poll(() => open.calls, PATIENCE).toBe(1);
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
      await expect.poll(() => seen.length, PATIENCE).toBe(tries + 1);
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

describe('the connections', PATIENCE, () => {
  it.each([100, 10, 1])(
    'are one for 200 calls at once, where the server takes %i streams',
    async (maxConcurrentStreams) => {
      const { server, call, open } = await start(ok, { maxConcurrentStreams });
      await Promise.all(Array.from({ length: 200 }, () => call(CREATE)));
      expect(server.requests).toHaveLength(200);
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
    await Promise.all(Array.from({ length: 200 }, () => call(CREATE)));
    expect(server.requests.map(({ version }) => version)).toEqual(Array.from({ length: 200 }, () => '1.1'));
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
    await expect.poll(() => open.calls, PATIENCE).toBe(1);
  });

  it('end with the transport, and so does what is under way', async () => {
    const { server, transport, call, open } = await start(silence);
    const failure = failureOf(call(CREATE));
    await server.arrived(1);
    await transport.close();
    expect(await failure).toMatchObject({ kind: 'unavailable' });
    await expect.poll(() => open.calls, PATIENCE).toBe(0);
    await expect(call()).rejects.toThrow('closed');
  });
});
