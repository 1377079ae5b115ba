import { parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp } from '../env.ts';
import { renderPage, toViewContext } from '../layout/page.ts';
import { allow } from '../security/allow.ts';
import { loadAudit } from './load.ts';
import { auditQuery } from './query.ts';
import { AUDIT_TEXT } from './text.ts';
import { renderAudit } from './view.ts';

export function mountAudit(app: AdminApp, context: AdminContext): void {
  app.get('/audit', allow('operator'), async (c) => {
    const data = await loadAudit(context, parseInput(auditQuery, c.req.queries()));
    const view = toViewContext(c, context.clock);
    return c.html(
      renderPage(view, { title: AUDIT_TEXT[view.lang].title, nav: 'audit', body: renderAudit(data, view) }),
    );
  });
}
