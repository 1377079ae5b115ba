import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { TEST_CERTIFICATE, type TestCertificate } from './test-certificates.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly version: string;
}

/** Answers a request, or leaves it without an answer; `index` counts the requests from 0. */
export type Script = (request: SeenRequest, response: ServerResponse, index: number) => void | Promise<void>;

export interface ScriptedServer {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Connections that ever were. */
  readonly opened: number;
  /** Resolves when that many requests have come in. */
  arrived(count: number): Promise<void>;
  /** Tells every HTTP/2 client to go to another connection; what is under way is finished. */
  goAway(): void;
  /** Resets all connections. */
  reset(): void;
  close(): Promise<void>;
}

export interface ScriptedServerOptions {
  readonly protocol: 'http' | 'https' | 'h2';
  readonly certificate?: TestCertificate;
  readonly maxConcurrentStreams?: number;
  readonly port?: number;
}

/** A small HTTP server on 127.0.0.1 that does what a test says. */
export async function startScriptedServer(script: Script, options: ScriptedServerOptions): Promise<ScriptedServer> {
  const { protocol, certificate = TEST_CERTIFICATE, maxConcurrentStreams = 100 } = options;
  const requests: SeenRequest[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  let opened = 0;

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    const { method = '', url = '', headers, httpVersion: version } = incoming;
    const request = { method, url, headers, body, version };
    const index = requests.push(request) - 1;
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
    await script(request, response, index);
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse): void =>
    void serve(incoming, response).catch(() => undefined);
  const server = createServer();
  server.on('connection', (socket: Socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  return {
    url: `${protocol === 'http' ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    requests,
    get opened() {
      return opened;
    },
    async arrived(count) {
      if (requests.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }));
    },
    goAway() {
      for (const session of sessions) {
        // first none of the streams under way is refused, then those that have not come in by now
        session.goaway(0, 2 ** 31 - 1);
        session.close();
      }
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };

  function createServer(): Server {
    if (protocol === 'http') return createHttpServer(listener);
    if (protocol === 'https') return createHttpsServer(certificate, listener);
    const secure = createSecureServer({ ...certificate, allowHTTP1: true, settings: { maxConcurrentStreams } });
    secure.on('session', (session) => {
      sessions.add(session);
      session.on('error', () => undefined);
      session.on('close', () => sessions.delete(session));
    });
    // the compatibility layer gives it the same shape
    secure.on('request', listener as never);
    return secure;
  }
}
