import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { afterEach, describe, expect, it } from 'vitest';
import { createEventStream, encodeEvent, type EventStream } from './event-stream.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that answers with streams as the page's server does. */
async function serve(open: (cut: () => void) => EventStream): Promise<Server> {
  const answer = (_: Request, env: unknown) => new Response(open(() => (env as HttpBindings).outgoing.destroy()).body);
  const server = createServer(getRequestListener(answer, { overrideGlobalObjects: false }));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

describe('a stream of events', () => {
  it('carries line breaks in what it sends without breaking the event', async () => {
    const stream = createEventStream({ onGone: () => {}, cut: () => {} });
    stream.send(encodeEvent('fragments', [['a', 'one\r\ntwo\n\nevent: evil']]));
    stream.end();
    expect(await new Response(stream.body).text()).toBe(
      'event: fragments\ndata: [["a","one\\r\\ntwo\\n\\nevent: evil"]]\n\n',
    );
  });

  it('tells once when the viewer leaves, and takes nothing more', async () => {
    let calls = 0;
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const onGone = (): void => {
      calls += 1;
      resolve();
    };
    const stream = createEventStream({ onGone, cut: () => {} });
    const server = await serve(() => stream);
    const socket = connect(portOf(server), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
    await gone;
    expect(stream.send(encodeEvent('beat'))).toBe(false);
    expect(calls).toBe(1);
  });

  it('breaks the connection of a viewer who does not read, and keeps nothing for it', async () => {
    const { promise: opened, resolve } = Promise.withResolvers<EventStream>();
    const { promise: gone, resolve: onGone } = Promise.withResolvers<void>();
    const server = await serve((cut) => {
      const stream = createEventStream({ onGone, cut });
      resolve(stream);
      return stream;
    });
    const socket = connect(portOf(server), '127.0.0.1').pause();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const stream = await opened;
    const event = encodeEvent('fragments', [['a', 'x'.repeat(64 * 1024)]]);
    while (stream.send(event)) await setImmediate();
    await gone;
    const { promise: counted, resolve: onCount } = Promise.withResolvers<number>();
    server.getConnections((_, count) => onCount(count));
    expect(await counted).toBe(0);
    socket.destroy();
  });
});
