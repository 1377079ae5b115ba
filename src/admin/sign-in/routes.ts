import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import { createAuditLog } from '../../adapters/postgres/audit-log.ts';
import { parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp, AdminEnv } from '../env.ts';
import { liveHubOf } from '../live/hub.ts';
import { allow } from '../security/allow.ts';
import { assertSameOrigin } from '../security/forgery.ts';
import { assertReadable } from '../security/readable.ts';
import { identify } from '../security/identify.ts';
import { checkPassword } from '../security/passwords.ts';
import { readPeer } from '../security/peer.ts';
import { toSafeNext } from '../security/safe-next.ts';
import type { Security } from '../security/security.ts';
import { renderSignIn } from './view.ts';

const form = z.object({ name: z.string().max(100), password: z.string().max(1_000), next: z.string().optional() });

/** Comes before the access check: nobody is known here yet. */
export function mountSignIn(app: AdminApp, context: AdminContext, security: Security): void {
  app.get('/sign-in', async (c) => {
    const next = toSafeNext(c.req.query('next'));
    if ((await identify(c, security)) !== null) return c.redirect(next, 303);
    return await answer(c, security, { next, name: '', isWrong: false });
  });
  app.post('/sign-in', async (c) => {
    assertSameOrigin(c, security);
    await assertReadable(c);
    const { name, password, next } = parseInput(form, await c.req.parseBody());
    const { address } = readPeer(c, security);
    const user = await checkPassword(security, name, password, address);
    await record(context, user?.name ?? (await security.users?.find(name))?.name ?? 'unknown', address, user !== null);
    if (user === null) return await answer(c, security, { next: toSafeNext(next), name, isWrong: true }, 401);
    await endSession(c, security);
    setCookie(c, security.cookieName, await security.sessions.create({ name: user.name, mark: user.mark }), {
      httpOnly: true,
      sameSite: 'Lax',
      secure: security.isHttps,
      path: '/',
    });
    return c.redirect(toSafeNext(next), 303);
  });
}

/** Behind the access check. */
export function mountSignOut(app: AdminApp, context: AdminContext, security: Security): void {
  app.post('/sign-out', allow('viewer'), async (c) => {
    const { name, source, csrfToken } = c.get('visitor');
    await endSession(c, security);
    liveHubOf(context).endSession(csrfToken);
    const subject = { actor: name, action: 'sign out', target: 'page', source, outcome: 'done', detail: {} };
    await createAuditLog(context.database).record(subject);
    return c.redirect('/sign-in', 303);
  });
}

async function answer(
  c: Context<AdminEnv>,
  security: Security,
  view: { readonly next: string; readonly name: string; readonly isWrong: boolean },
  status: 200 | 401 = 200,
): Promise<Response> {
  c.header('Cache-Control', 'no-store');
  return c.html(await renderSignIn({ ...view, lang: c.get('lang'), hasUsers: security.users !== null }), status);
}

/** Whatever session the visitor came with ends in the database, not only in the browser. */
async function endSession(c: Context<AdminEnv>, security: Security): Promise<void> {
  const token = getCookie(c, security.cookieName);
  if (token !== undefined) await security.sessions.delete(token);
  deleteCookie(c, security.cookieName, { path: '/', secure: security.isHttps });
}

/** A name that nobody has is not kept: it may be a password that was typed in the wrong place. */
async function record(context: AdminContext, name: string, source: string, isRight: boolean): Promise<void> {
  const outcome = isRight ? 'done' : 'refused';
  const subject = { actor: name, action: 'sign in', target: 'page', source, outcome, detail: {} };
  await createAuditLog(context.database).record(subject);
}
