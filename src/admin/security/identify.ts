import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { AdminEnv, Role, Visitor } from '../env.ts';
import { readBasic } from './basic.ts';
import type { Peer } from './peer.ts';
import { readPeer } from './peer.ts';
import type { Security } from './security.ts';

export type Via = 'local' | 'proxy' | 'session' | 'password';

export interface Identified {
  readonly visitor: Visitor;
  readonly via: Via;
}

export function isApiPath(path: string): boolean {
  return path === '/api' || path.startsWith('/api/');
}

/** A page that is left open comes back for its events by itself: that keeps nobody signed in. */
function isFollowing(path: string): boolean {
  return path.endsWith('/events');
}

/** Who asks, or null. @throws TooManyTries */
export async function identify(c: Context<AdminEnv>, security: Security): Promise<Identified | null> {
  const peer = readPeer(c, security);
  if (security.isOpen) return identifyLocal(security, peer);
  if (peer.proxyName !== null) return await identifyByProxy(security, peer, peer.proxyName);
  if (isApiPath(c.req.path) && c.req.header('authorization') !== undefined) {
    const user = await readBasic(c.req.header('authorization') ?? '', peer.address, security);
    if (user === null) return null;
    return { via: 'password', visitor: buildVisitor(security, peer, user, `password ${user.name}`, false) };
  }
  return await identifyBySession(security, peer, getCookie(c, security.cookieName), isFollowing(c.req.path));
}

function identifyLocal(security: Security, peer: Peer): Identified {
  const user = { name: security.localName, role: 'admin' as const };
  return { via: 'local', visitor: buildVisitor(security, peer, user, 'local', false) };
}

async function identifyByProxy(security: Security, peer: Peer, name: string): Promise<Identified | null> {
  const user = await security.users?.find(name);
  const role = user?.role ?? security.proxy?.role ?? null;
  if (role === null) return null;
  return { via: 'proxy', visitor: buildVisitor(security, peer, { name, role }, `proxy ${name}`, false) };
}

async function identifyBySession(
  security: Security,
  peer: Peer,
  token: string | undefined,
  isByItself: boolean,
): Promise<Identified | null> {
  if (security.users === null || token === undefined) return null;
  const session = await security.sessions.find(token, { isByItself });
  if (session === null) return null;
  const user = await security.users.find(session.name);
  if (user === null || user.mark !== session.mark) return null;
  return { via: 'session', visitor: buildVisitor(security, peer, user, `session ${token}`, true) };
}

function buildVisitor(
  security: Security,
  peer: Peer,
  { name, role }: { readonly name: string; readonly role: Role },
  csrfSubject: string,
  canSignOut: boolean,
): Visitor {
  return { name, role, source: peer.address, csrfToken: security.toCsrfToken(csrfSubject), canSignOut };
}
