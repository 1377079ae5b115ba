import type { Context } from 'hono';
import { previewMalls } from '../../adapters/postgres/import-malls.ts';
import { MallImportError } from '../../adapters/postgres/mall-import-fault.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp, AdminEnv } from '../env.ts';
import type { Html } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { renderPage, toViewContext } from '../layout/page.ts';
import { allow } from '../security/allow.ts';
import { FORM_TEXT } from './form-text.ts';
import { saveMalls } from './form-routes.ts';
import { renderFaults, renderImportForm, renderImportPreview } from './import-view.ts';
import { readText, type FormBody } from './mall-form.ts';
import { openList, sealList, type SealOptions } from './sealed-list.ts';

/** A pasted or uploaded list: previewed first, carried through the preview sealed, then taken. */
export function mountMallImport(app: AdminApp, context: AdminContext): void {
  app.get('/malls/import', allow('admin'), (c) => {
    const view = toViewContext(c, context.clock);
    return showPage(c, context, renderImportForm(view), 200);
  });
  app.post('/malls/import', allow('admin'), async (c) => {
    const body = await c.req.parseBody({ all: true });
    try {
      return await (readText(body, 'sealed') === '' ? preview(c, context, body) : confirm(c, context, body));
    } catch (error) {
      if (!(error instanceof MallImportError)) throw error;
      const view = toViewContext(c, context.clock);
      return showPage(c, context, renderImportForm(view, renderFaults(view, error.faults)), 400);
    }
  });
}

async function preview(c: Context<AdminEnv>, context: AdminContext, body: FormBody) {
  const view = toViewContext(c, context.clock);
  const text = await readContent(body);
  if (text === '') return showTrouble(c, context, FORM_TEXT[view.lang].blank);
  const content = parseJson(text);
  if (content === undefined) return showTrouble(c, context, FORM_TEXT[view.lang].notJson);
  const isForced = readText(body, 'force') === '1';
  const malls = await previewMalls(context.database, content, { encryptionKeys: context.encryptionKeys, isForced });
  const sealed = sealList({ content, isForced }, toSealOptions(c, context));
  return showPage(c, context, renderImportPreview(view, malls, sealed), 200);
}

async function confirm(c: Context<AdminEnv>, context: AdminContext, body: FormBody) {
  const list = openList(readText(body, 'sealed'), toSealOptions(c, context));
  if (list === null) return showTrouble(c, context, FORM_TEXT[c.get('lang')].stale);
  const imported = await saveMalls(c, context, 'malls import', list.content, list.isForced);
  const count = (verdict: string): number => imported.filter(({ mall }) => mall === verdict).length;
  return c.redirect(`/malls?added=${count('added')}&changed=${count('updated')}`, 303);
}

function showTrouble(c: Context<AdminEnv>, context: AdminContext, sentence: string) {
  const view = toViewContext(c, context.clock);
  return showPage(c, context, renderImportForm(view, renderNotice('bad', sentence)), 400);
}

function showPage(c: Context<AdminEnv>, context: AdminContext, body: Html, status: 200 | 400) {
  const view = toViewContext(c, context.clock);
  return c.html(renderPage(view, { title: FORM_TEXT[view.lang].import, nav: 'malls', body }), status);
}

/** A file counts before pasted text. */
async function readContent(body: FormBody): Promise<string> {
  const { file } = body;
  return file instanceof File && file.size > 0 ? await file.text() : readText(body, 'content');
}

/** The parser's error quotes the text, so it is dropped. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toSealOptions(c: Context<AdminEnv>, { encryptionKeys, clock }: AdminContext): SealOptions {
  return { encryptionKeys, visitorName: c.get('visitor').name, nowMs: clock.nowMs() };
}
