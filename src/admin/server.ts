import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Clock } from '../domain/clock.ts';
import { buildAdminApp } from './app.ts';
import type { AdminContext } from './context.ts';
import type { AdminApp } from './env.ts';
import type { SecuritySettings } from './security/security.ts';

export interface AdminServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly app: AdminApp;
  /** Ends every open stream and lets requests under way finish, five seconds at most. */
  close(): Promise<void>;
}

export interface AdminServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly security: SecuritySettings;
  readonly context: Omit<AdminContext, 'redirectUri' | 'signal'>;
  /** Null: `/consent/callback` of the public or the listening address. */
  readonly redirectUri: string | null;
}

const LAST_WORDS_MS = 5_000;
const IDLE_CHECK_MS = 50;

/** @throws the listening error of node:http, e.g. with code EADDRINUSE */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  let listener: ReturnType<typeof getRequestListener> | undefined;
  const server = createServer((request, response) => {
    // requests come only after listening, and by then the app stands
    void listener?.(request, response);
  });
  await listen(server, options);
  const url = toUrl(server, options.host);
  const stopping = new AbortController();
  const redirectUri = options.redirectUri ?? `${options.context.publicUrl?.origin ?? url}/consent/callback`;
  const context = { ...options.context, redirectUri, signal: stopping.signal };
  const app = buildAdminApp(context, options.security);
  // hono would otherwise end the process's global Request and Response
  listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return {
    url,
    app,
    close: async () => {
      stopping.abort();
      await close(server, options.context.clock);
    },
  };
}

function listen(server: Server, { host, port }: AdminServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function toUrl(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function close(server: Server, clock: Clock): Promise<void> {
  const done = new AbortController();
  server.close(() => done.abort());
  const endsAtMs = clock.monotonicMs() + LAST_WORDS_MS;
  while (!done.signal.aborted && clock.monotonicMs() < endsAtMs) {
    // browsers keep a connection open whose stream or request has just ended
    server.closeIdleConnections();
    await clock.sleep(IDLE_CHECK_MS, done.signal).catch(() => undefined);
  }
  server.closeAllConnections();
}
