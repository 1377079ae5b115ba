import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import { parseInput } from '../bad-input.ts';
import type { AdminApp, AdminEnv } from '../env.ts';
import { assertSameOrigin } from '../security/forgery.ts';
import { assertReadable } from '../security/readable.ts';
import { toSafeNext } from '../security/safe-next.ts';
import type { Security } from '../security/security.ts';
import { chooseLang, isLang, LANGS } from '../text/lang.ts';

const COOKIE = 'mallsync-lang';
const YEAR_SECONDS = 31_536_000;
const form = z.object({ lang: z.enum(LANGS), back: z.string().optional() });

/** The language that was chosen here before, or the browser's. */
export const findLang: MiddlewareHandler<AdminEnv> = async (c, next) => {
  const chosen = getCookie(c, COOKIE) ?? '';
  c.set('lang', isLang(chosen) ? chosen : chooseLang(c.req.header('accept-language')));
  c.header('Content-Language', c.get('lang'));
  await next();
};

/** Open to all: it changes nothing but the asking browser's own cookie. */
export function mountLanguage(app: AdminApp, security: Security): void {
  app.post('/language', async (c) => {
    assertSameOrigin(c, security);
    await assertReadable(c);
    const { lang, back } = parseInput(form, await c.req.parseBody());
    setCookie(c, COOKIE, lang, {
      httpOnly: true,
      sameSite: 'Lax',
      secure: security.isHttps,
      path: '/',
      maxAge: YEAR_SECONDS,
    });
    return c.redirect(back?.startsWith('/sign-in?') === true ? toSignIn(back) : toSafeNext(back), 303);
  });
}

function toSignIn(back: string): string {
  const next = toSafeNext(new URLSearchParams(back.slice('/sign-in?'.length)).get('next') ?? undefined);
  return `/sign-in?${new URLSearchParams({ next }).toString()}`;
}
