import { BadInput, parseInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp } from '../env.ts';
import { renderPage, toViewContext } from '../layout/page.ts';
import { allow } from '../security/allow.ts';
import { renderMall } from './detail-view.ts';
import { mountMallForm } from './form-routes.ts';
import { mountMallImport } from './import-routes.ts';
import { renderMallList } from './list-view.ts';
import { loadMall, loadMallList, loadStrips } from './load.ts';
import { readText } from './mall-form.ts';
import { listNoticeQuery, mallNoticeQuery, renderListNotice, renderMallNotice } from './notice-view.ts';
import { mallListQuery, parseMallId } from './query.ts';
import { saveActive } from './save-active.ts';
import { MALLS_TEXT } from './text.ts';

export function mountMalls(app: AdminApp, context: AdminContext): void {
  app.get('/malls', allow('viewer'), async (c) => {
    const query = parseInput(mallListQuery, c.req.queries());
    const list = await loadMallList(context, query);
    const view = toViewContext(c, context.clock);
    const notice = renderListNotice(view, listNoticeQuery.parse(c.req.queries()));
    const body = renderMallList(view, list, notice);
    return c.html(renderPage(view, { title: MALLS_TEXT[view.lang].title, nav: 'malls', body }));
  });
  mountMallForm(app, context);
  mountMallImport(app, context);
  mountMall(app, context);
  mountSwitch(app, context);
}

function mountMall(app: AdminApp, context: AdminContext): void {
  app.get('/malls/:mallId', allow('viewer'), async (c) => {
    const facts = await loadMall(context, parseMallId(c.req.param('mallId')));
    const strips = await loadStrips(context, facts);
    const view = toViewContext(c, context.clock);
    const notice = renderMallNotice(view, mallNoticeQuery.parse(c.req.queries()), facts);
    const { freshnessTargetHours: targetHours, redirectUri } = context;
    const body = renderMall(view, { ...facts, strips, targetHours, redirectUri }, notice);
    return c.html(renderPage(view, { title: facts.board.name, nav: 'malls', body }));
  });
}

function mountSwitch(app: AdminApp, context: AdminContext): void {
  app.post('/malls/:mallId/active', allow('admin'), async (c) => {
    const mallId = parseMallId(c.req.param('mallId'));
    const body = await c.req.parseBody({ all: true });
    const wish = readText(body, 'active');
    if (wish !== '0' && wish !== '1') throw new BadInput({ field: 'active', message: 'must be 1 or 0' });
    const isActive = wish === '1';
    await saveActive(c, context, mallId, isActive);
    if (typeof body['list'] === 'string') return c.redirect(toListAddress(body['list']), 303);
    return c.redirect(`/malls/${mallId}?notice=${isActive ? 'activated' : 'deactivated'}`, 303);
  });
}

/** The list as it was filtered; whatever was sent can only become its query. */
function toListAddress(search: string): string {
  const query = new URLSearchParams(search.slice(0, 2_000)).toString();
  return query === '' ? '/malls' : `/malls?${query}`;
}
