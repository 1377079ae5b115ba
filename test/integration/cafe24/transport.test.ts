import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/domain/clock.ts';
import { HttpFailure } from '../../../src/adapters/cafe24/http-failure.ts';
import { createTransport, DEFAULT_TRANSPORT } from '../../../src/adapters/cafe24/transport.ts';
import type { HttpAnswer, HttpRequest, Transport, TransportSettings } from '../../../src/adapters/cafe24/transport.ts';
import { NEVER } from '../../support/cafe24-mall.ts';

interface Exchange {
  readonly transport: Transport;
  readonly origin: string;
  readonly send: (request?: Partial<HttpRequest>, signal?: AbortSignal) => Promise<HttpAnswer>;
}

async function open(listener: RequestListener, settings: Partial<TransportSettings> = {}): Promise<Exchange> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const origin = `http://127.0.0.1:${address.port}`;
  const transport = createTransport(systemClock, { ...DEFAULT_TRANSPORT, ...settings });
  onTestFinished(async () => {
    await transport.close();
    server.closeAllConnections();
    server.close();
  });
  return {
    transport,
    origin,
    send: (request = {}, signal = NEVER) =>
      transport.exchange({ method: 'GET', origin, path: '/', headers: {}, ...request }, signal),
  };
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no failure',
    (thrown: unknown) => (thrown instanceof HttpFailure ? thrown.kind : thrown),
  );
}

describe('an exchange', () => {
  it('brings status, headers and the whole body, whatever the status', async () => {
    const { send } = await open((_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(503, { 'X-Word': 'yes' });
      response.write('half ');
      setTimeout(() => response.end('and 반'), 20);
    });
    const answer = await send();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('x-word')).toBe('yes');
    expect(answer.body.toString()).toBe('half and 반');
  });

  it('sends headers and a body', async () => {
    const { send } = await open(async (request, response) => {
      const [chunk] = await once(request, 'data');
      response.end(`${request.method} ${String(request.headers['x-word'])} ${String(chunk)}`);
    });
    const answer = await send({ method: 'POST', headers: { 'x-word': 'yes' }, body: 'a=b' });
    expect(answer.body.toString()).toBe('POST yes a=b');
  });

  it('keeps its connections for the next ones', async () => {
    const ports = new Set<number | undefined>();
    const { send } = await open((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    for (let n = 0; n < 10; n++) await send();
    // A connection rests for one turn of the event loop, in which the next call may open a second one.
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

describe('an exchange without a complete answer', () => {
  it('to nobody fails as connect', async () => {
    const { transport } = await open(() => undefined);
    const nobody = { method: 'GET', origin: 'http://127.0.0.1:1', path: '/', headers: {} } as const;
    expect(await failureOf(transport.exchange(nobody, NEVER))).toBe('connect');
  });

  it('that hangs fails at the deadline of the headers', async () => {
    const { send } = await open(() => undefined, { headersTimeoutMs: 200 });
    expect(await failureOf(send())).toBe('timeout');
  });

  it('that stops in mid-body fails at the deadline of the body', async () => {
    const { send } = await open((_, response) => void response.write('half'), { bodyTimeoutMs: 200 });
    expect(await failureOf(send())).toBe('timeout');
  });

  it('that drips for ever fails at the deadline of the whole call', async () => {
    const { send } = await open(
      (_, response) => {
        const drip = setInterval(() => response.write('.'), 20);
        response.on('close', () => clearInterval(drip));
      },
      { callTimeoutMs: 300 },
    );
    expect(await failureOf(send())).toBe('timeout');
  });

  it('has the deadline of the request where that names one', async () => {
    const { send } = await open(() => undefined);
    expect(await failureOf(send({ timeoutMs: 150 }))).toBe('timeout');
  });

  it('that is larger than this program takes fails without being read', async () => {
    let written = 0;
    const { send } = await open(
      (_, response) => {
        const pour = setInterval(() => {
          written += 1;
          response.write(Buffer.alloc(10_000));
        }, 1);
        response.on('close', () => clearInterval(pour));
      },
      { maxBodyBytes: 50_000 },
    );
    expect(await failureOf(send())).toBe('too-large');
    await systemClock.sleep(50, NEVER);
    expect(written).toBeLessThan(100);
  });

  it('whose connection breaks fails as reset', async () => {
    const { send } = await open((request, response) => {
      response.write('half');
      setTimeout(() => request.socket.resetAndDestroy(), 20);
    });
    expect(await failureOf(send())).toBe('reset');
  });

  it('shorter than announced fails', async () => {
    const { send } = await open((request, response) => {
      response.writeHead(200, { 'content-length': 100, connection: 'close' });
      response.write('short');
      setTimeout(() => request.socket.end(), 20);
    });
    expect(['reset', 'truncated']).toContain(await failureOf(send()));
  });
});

describe('a stop', () => {
  it('ends a call under way and closes its connection', async () => {
    let closed = false;
    const { send } = await open((request) => {
      request.socket.on('close', () => {
        closed = true;
      });
    });
    const stop = new AbortController();
    const call = send({}, stop.signal);
    setTimeout(() => stop.abort(new Error('stop')), 50);
    await expect(call).rejects.toThrow('stop');
    await expect.poll(() => closed).toBe(true);
  });

  it('ends a call that still waits for a connection, which then never reaches the server', async () => {
    const paths: (string | undefined)[] = [];
    const { send } = await open(
      (request, response) => {
        paths.push(request.url);
        setTimeout(() => response.end(), 150);
      },
      { connectionsPerOrigin: 1 },
    );
    const first = send({ path: '/first' });
    const stop = new AbortController();
    const second = send({ path: '/second' }, stop.signal);
    setTimeout(() => stop.abort(new Error('stop')), 30);
    await expect(second).rejects.toThrow('stop');
    await first;
    await send({ path: '/third' });
    expect(paths).toEqual(['/first', '/third']);
  });

  it('before the call makes none', async () => {
    const { send } = await open(() => undefined);
    await expect(send({}, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  });
});
