import type { AdminContext } from '../context.ts';
import type { AdminApp } from '../env.ts';
import { renderPage, toViewContext } from '../layout/page.ts';
import { mountLive } from '../live/mount-live.ts';
import { allow } from '../security/allow.ts';
import { createNowLoader, loadNow } from './load.ts';
import { NOW_TEXT } from './text.ts';
import { renderNow, renderNowLive } from './view.ts';

export function mountNow(app: AdminApp, context: AdminContext): void {
  app.get('/now', allow('viewer'), async (c) => {
    const data = await loadNow(context);
    const view = toViewContext(c, context.clock);
    const page = {
      title: NOW_TEXT[view.lang].title,
      nav: 'now',
      body: renderNow(data, view),
      live: '/now/events',
    } as const;
    return c.html(renderPage(view, page));
  });
  mountLive(app, context, {
    path: '/now/events',
    role: 'viewer',
    parse: () => null,
    open: () => createNowLoader(context),
    render: renderNowLive,
  });
}
