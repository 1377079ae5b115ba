import { parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp } from '../env.ts';
import { renderPage, toViewContext } from '../layout/page.ts';
import { allow } from '../security/allow.ts';
import { loadRuns } from './load.ts';
import { runListQuery } from './query.ts';
import { RUNS_TEXT } from './text.ts';
import { renderRuns } from './view.ts';

export function mountRuns(app: AdminApp, context: AdminContext): void {
  app.get('/runs', allow('viewer'), async (c) => {
    const query = parseInput(runListQuery, c.req.queries());
    const data = await loadRuns(context, query);
    const view = toViewContext(c, context.clock);
    const body = renderRuns(data, context.nightDeadline, view);
    return c.html(renderPage(view, { title: RUNS_TEXT[view.lang].title, nav: 'runs', body }));
  });
}
