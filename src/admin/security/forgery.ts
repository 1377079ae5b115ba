import type { Context } from 'hono';
import type { AdminEnv } from '../env.ts';
import type { Via } from './identify.ts';
import { isApiPath } from './identify.ts';
import type { Security } from './security.ts';

/** A form or call that the visitor may not have meant; answered with 403. */
export class ForgedRequest extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ForgedRequest';
  }
}

export function isUnsafe(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

/** What browsers themselves say of where a request comes from. @throws ForgedRequest when that is another site */
export function assertSameOrigin(c: Context<AdminEnv>, { publicOrigin }: Pick<Security, 'publicOrigin'>): void {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new ForgedRequest('the request comes from another site');
  }
  const origin = c.req.header('origin');
  if (origin === undefined) return;
  const isOwn = origin === publicOrigin || URL.parse(origin)?.host === c.req.header('host');
  if (!isOwn) throw new ForgedRequest('the request comes from another origin');
}

/**
 * The token of the form, or of the header for scripts.
 * @throws ForgedRequest when it is missing or not this session's
 */
export async function assertToken(c: Context<AdminEnv>, security: Security, via: Via): Promise<void> {
  if (!needsToken(c, via)) return;
  const given = c.req.header('x-csrf-token') ?? (await readFormToken(c));
  if (!security.isToken(given, c.get('visitor').csrfToken)) throw new ForgedRequest('the form is no longer valid');
}

/**
 * A password is sent on purpose, and a program that is no browser was led here by nobody: JSON from another site would
 * carry its origin, and is refused by it.
 */
function needsToken(c: Context<AdminEnv>, via: Via): boolean {
  if (!isApiPath(c.req.path) || via === 'session') return true;
  if (via === 'password') return false;
  const isBrowser = c.req.header('origin') !== undefined || c.req.header('sec-fetch-site') !== undefined;
  return isBrowser || !isJson(c);
}

function isJson(c: Context<AdminEnv>): boolean {
  return /^application\/json\b/i.test(c.req.header('content-type') ?? '');
}

async function readFormToken(c: Context<AdminEnv>): Promise<string> {
  if (isApiPath(c.req.path) || isJson(c)) return '';
  const form = await c.req.formData().catch(() => undefined);
  const token = form?.get('csrf');
  return typeof token === 'string' ? token : '';
}
