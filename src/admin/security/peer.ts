import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import type { AdminEnv } from '../env.ts';
import { normalizeAddress } from './addresses.ts';
import type { Security } from './security.ts';

export interface Peer {
  /** The visitor's own address, past the proxies that are listed. */
  readonly address: string;
  /** What a listed proxy says the visitor's name is. */
  readonly proxyName: string | null;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} .@+_\-|/]{0,199}$/u;

/** Headers of whoever is not a listed proxy count for nothing. */
export function readPeer(c: Context<AdminEnv>, { proxy }: Pick<Security, 'proxy'>): Peer {
  const address = normalizeAddress(getConnInfo(c).remote.address ?? '');
  if (proxy === null || !proxy.addresses.holds(address)) return { address, proxyName: null };
  // the nearest address that no listed proxy has; what stands left of it may be made up
  const hops = (c.req.header('x-forwarded-for') ?? '').split(',').map((hop) => normalizeAddress(hop.trim()));
  const visitor = hops.findLast((hop) => hop !== '' && !proxy.addresses.holds(hop));
  // two headers come joined by a comma, one of them not the proxy's
  const name = c.req.header(proxy.header) ?? '';
  return { address: visitor?.slice(0, 45) ?? address, proxyName: NAME.test(name) ? name : null };
}
