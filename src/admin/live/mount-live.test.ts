import { Hono } from 'hono';
import { html } from 'hono/html';
import { describe, expect, it } from 'vitest';
import { createSteppedClock } from '../../../test/support/stepped-clock.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv, Role } from '../env.ts';
import { Refused } from '../security/refused.ts';
import { buildFragment } from './fragment.ts';
import { mountLive } from './mount-live.ts';

/** One live page that shows all it is given to draw with, for a visitor of that role. */
function openPage(role: Role) {
  const closing = new AbortController();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const context = { clock: createSteppedClock(), log, signal: closing.signal } as unknown as AdminContext;
  const app = new Hono<AdminEnv>();
  app.use(async (c, next) => {
    c.set('lang', 'ko');
    c.set('visitor', { name: 'vera', role, source: '::1', csrfToken: 'secret', canSignOut: true });
    await next();
  });
  const opened: string[] = [];
  mountLive(app, context, {
    path: '/things/:id/events',
    role: 'operator',
    parse: (c) => c.req.param('id') ?? '',
    open: (id) => {
      opened.push(id);
      return async () => await Promise.resolve(`thing ${id}`);
    },
    render: ({ lang, visitor, path, url }, data) => ({
      isOver: true,
      fragments: [buildFragment('a', html`${JSON.stringify({ lang, visitor, path, search: url.search, data })}`)],
    }),
  });
  app.onError((error, c) => c.text(error.name, error instanceof Refused ? 403 : 500));
  return { app, opened };
}

describe('a live page', () => {
  it('is drawn for a role and a language, without anything of the visitor who came first', async () => {
    const { app, opened } = openPage('operator');
    const answer = await app.request('/things/7/events?from=elsewhere');
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const text = await answer.text();
    const [[, drawn]] = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '') as [[string, string]];
    expect(JSON.parse(drawn.replaceAll('&quot;', '"'))).toStrictEqual({
      lang: 'ko',
      visitor: { name: '', role: 'operator', source: '', csrfToken: '', canSignOut: false },
      path: '/things/7',
      search: '',
      data: 'thing 7',
    });
    expect(opened).toStrictEqual(['7']);
  });

  it('is refused to a role that does not reach, and nothing is read for it', async () => {
    const { app, opened } = openPage('viewer');
    expect((await app.request('/things/7/events')).status).toBe(403);
    expect(opened).toStrictEqual([]);
  });
});
