import type { Context } from 'hono';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { BadInput, parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp, AdminEnv } from '../env.ts';
import { toViewContext } from '../layout/page.ts';
import { buildClick, createClickKey, sendClick } from '../rerun/click.ts';
import { clickKey } from '../rerun/query.ts';
import { allow } from '../security/allow.ts';
import { toFaultText } from './fault-text.ts';
import { loadNewRun, loadWishPreview } from './load.ts';
import { newRunQuery } from './query.ts';
import type { NewRunQuery } from './query.ts';
import { renderNewRun } from './view.ts';
import type { NewRunWish } from './wish.ts';
import { FIELDS, judgeWish } from './wish.ts';

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
    await sendNewRun(c, context, key, await readWish(c, context, query));
    return c.redirect(`/requests/${key}`, 303);
  });
}

/** What was previewed: its malls are named. @throws BadInput naming the first field at fault */
export async function readWish(c: Context<AdminEnv>, context: AdminContext, query: NewRunQuery): Promise<NewRunWish> {
  const malls = await createMallStore(context.database).listMalls();
  const { wish, faults } = judgeWish({ ...query, scope: 'chosen' }, malls, context.clock.nowMs());
  if (wish !== null) return wish;
  const field = FIELDS.find((each) => faults[each] !== undefined) ?? 'malls';
  throw new BadInput({ field, message: toFaultText(faults, field, c.get('lang')) ?? '' });
}

export async function sendNewRun(
  c: Context<AdminEnv>,
  context: AdminContext,
  key: string,
  wish: NewRunWish,
): Promise<void> {
  const { plan } = await loadWishPreview(context, wish);
  const { domainType, startDate, endDate, reprocess, reason } = wish;
  const kind = reprocess ? 'REPROCESS' : 'RUN';
  const requestedBy = c.get('visitor').name;
  const wishes = buildClick(plan, { kind, reason, fingerprints: null, requestedBy });
  await sendClick(c, context, { action: 'new run', target: `${domainType} ${startDate} to ${endDate}` }, key, wishes);
}
