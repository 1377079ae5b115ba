import { parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp } from '../env.ts';
import { toViewContext } from '../layout/page.ts';
import { createClickKey } from '../rerun/click.ts';
import { clickKey } from '../rerun/query.ts';
import { allow } from '../security/allow.ts';
import { loadNewRun } from './load.ts';
import { newRunQuery } from './query.ts';
import { readWish, sendNewRun } from './send.ts';
import { renderNewRun } from './view.ts';

const newRunForm = newRunQuery.extend({ key: clickKey });

export function mountNewRun(app: AdminApp, context: AdminContext): void {
  app.get('/new', allow('operator'), async (c) => {
    const query = parseInput(newRunQuery, c.req.queries());
    const page = await loadNewRun(context, query);
    const view = toViewContext(c, context.clock);
    const isFaulty = page.judged !== null && page.judged.wish === null;
    return await c.html(renderNewRun(view, page, createClickKey()), isFaulty ? 400 : 200);
  });
  app.post('/new', allow('operator'), async (c) => {
    const { key, ...query } = parseInput(newRunForm, await c.req.parseBody({ all: true }));
    // what was previewed names its malls
    const wish = await readWish(context, { ...query, scope: 'chosen' }, c.get('lang'));
    await sendNewRun(c, context, key, wish);
    return c.redirect(`/requests/${key}`, 303);
  });
}
