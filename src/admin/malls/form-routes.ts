import type { Context } from 'hono';
import { importMalls, previewMalls, toImportDetail } from '../../adapters/postgres/import-malls.ts';
import { MallImportError } from '../../adapters/postgres/mall-import-fault.ts';
import type { ImportedMall } from '../../adapters/postgres/mall-import-store.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp, AdminEnv } from '../env.ts';
import { renderPage, toViewContext } from '../layout/page.ts';
import { allow } from '../security/allow.ts';
import { audited } from '../security/audited.ts';
import { FORM_TEXT } from './form-text.ts';
import { renderMallForm, toFormErrors, type MallFormPage } from './form-view.ts';
import { EMPTY_FORM, readMallForm, toImportEntry, toMallForm, type MallForm } from './mall-form.ts';
import { parseMallId } from './query.ts';

/** The form of one mall, to add it or to change its settings. */
export function mountMallForm(app: AdminApp, context: AdminContext): void {
  app.get('/malls/add', allow('admin'), (c) => showForm(c, context, { form: EMPTY_FORM, errors: {} }, 200));
  app.get('/malls/:mallId/edit', allow('admin'), async (c) => {
    const mallId = parseMallId(c.req.param('mallId'));
    const mall = await createMallStore(context.database).findMall(mallId);
    if (mall === null) throw new NotFound(`there is no mall ${mallId}`);
    return showForm(c, context, { form: toMallForm(mall), errors: {} }, 200);
  });
  app.post('/malls/add', allow('admin'), async (c) => {
    const body = await c.req.parseBody({ all: true });
    const form = readMallForm(body);
    try {
      const entry = toImportEntry(form, body);
      const isTaken = !form.isKnown && (await isStored(context, entry));
      if (isTaken) return showForm(c, context, { form, errors: toTakenError(c, context, form) }, 400);
      const imported = await saveMalls(c, context, 'malls add', [entry], form.isForced);
      return c.redirect(`/malls/${form.mallId}?notice=${toNotice(form, imported)}`, 303);
    } catch (error) {
      if (!(error instanceof MallImportError)) throw error;
      return showForm(c, context, { form, errors: toFormErrors(error.faults, toViewContext(c, context.clock)) }, 400);
    }
  });
}

/** Imports and records it. @throws MallImportError */
export async function saveMalls(
  c: Context<AdminEnv>,
  context: AdminContext,
  action: string,
  content: unknown,
  isForced: boolean,
): Promise<readonly ImportedMall[]> {
  return await audited(c, context, { action, target: 'malls' }, async () => {
    const { database, encryptionKeys } = context;
    const result = await importMalls(database, content, { encryptionKeys, isForced });
    return { result, detail: toImportDetail(result, isForced) };
  });
}

function showForm(c: Context<AdminEnv>, context: AdminContext, page: MallFormPage, status: 200 | 400) {
  const view = toViewContext(c, context.clock);
  const text = FORM_TEXT[view.lang];
  const title = page.form.isKnown ? text.edit(page.form.name) : text.add;
  return c.html(renderPage(view, { title, nav: 'malls', body: renderMallForm(view, page) }), status);
}

async function isStored({ database, encryptionKeys }: AdminContext, entry: unknown): Promise<boolean> {
  const [plan] = await previewMalls(database, [entry], { encryptionKeys, isForced: false });
  return plan?.mall !== 'added';
}

function toTakenError(c: Context<AdminEnv>, context: AdminContext, form: MallForm): MallFormPage['errors'] {
  const { lang } = toViewContext(c, context.clock);
  return { mallId: FORM_TEXT[lang].exists(Number(form.mallId)) };
}

function toNotice(form: MallForm, imported: readonly ImportedMall[]): string {
  if (imported.some(({ credential }) => credential === 'keep')) return 'kept';
  return form.isKnown ? 'changed' : 'added';
}
