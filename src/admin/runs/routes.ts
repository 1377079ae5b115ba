import { parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp } from '../env.ts';
import { renderPage, toViewContext } from '../layout/page.ts';
import { allow } from '../security/allow.ts';
import { loadRuns } from './load.ts';
import { runListQuery } from './query.ts';
import { toRunsLink } from './run-links.ts';
import { RUNS_TEXT } from './text.ts';
import { renderRuns } from './view.ts';

export function mountRuns(app: AdminApp, context: AdminContext): void {
  app.get('/runs', allow('viewer'), async (c) => {
    const given = c.req.queries();
    const query = parseInput(runListQuery, given);
    // a form sends all its fields; the address to keep and to pass on holds only those that say something
    if (Object.values(given).flat().includes('')) return c.redirect(toRunsLink(query), 303);
    const data = await loadRuns(context, query);
    const view = toViewContext(c, context.clock);
    const body = renderRuns(data, context.nightDeadline, view);
    return c.html(renderPage(view, { title: RUNS_TEXT[view.lang].title, nav: 'runs', body }));
  });
}
