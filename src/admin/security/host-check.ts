import type { MiddlewareHandler } from 'hono';
import type { AdminEnv } from '../env.ts';
import { isLoopbackAddress } from './addresses.ts';

/**
 * Whether a request's Host is this computer and the port that it came in by. Where there is no sign-in, a name that a
 * stranger made point here would otherwise let the stranger's pages read ours.
 */
export function isLocalHost(host: string | undefined, port: number | undefined): boolean {
  if (host === undefined || port === undefined) return false;
  const [, name = '', given = '80'] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(host.toLowerCase()) ?? [];
  return ['localhost', '127.0.0.1', '[::1]'].includes(name) && Number(given) === port;
}

interface NodeBindings {
  readonly incoming: { readonly socket: { readonly localPort?: number; readonly localAddress?: string } };
}

export const requireLocalHost: MiddlewareHandler<AdminEnv> = async (c, next): Promise<Response | undefined> => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what @hono/node-server hands to each request
  const { socket } = (c.env as NodeBindings).incoming;
  const isHere = isLoopbackAddress(socket.localAddress ?? '');
  if (!isHere || !isLocalHost(c.req.header('host'), socket.localPort)) {
    return c.text('This page answers only by the name localhost or 127.0.0.1 and its own port.\n', 421);
  }
  await next();
  return undefined;
};
