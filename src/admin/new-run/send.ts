import type { Context } from 'hono';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import type { SavedClick } from '../../adapters/postgres/retry-click.ts';
import { BadInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';
import { buildClick, sendClick } from '../rerun/click.ts';
import type { Lang } from '../text/lang.ts';
import { toFaultText } from './fault-text.ts';
import { loadWishPreview } from './load.ts';
import type { NewRunQuery } from './query.ts';
import type { Field, NewRunWish } from './wish.ts';
import { FIELDS, judgeWish } from './wish.ts';

/** @throws BadInput naming the first field at fault, by `names` where the caller knows it by another name */
export async function readWish(
  { database, clock }: AdminContext,
  query: NewRunQuery,
  lang: Lang,
  names: Readonly<Partial<Record<Field, string>>> = {},
): Promise<NewRunWish> {
  const { wish, faults } = judgeWish(query, await createMallStore(database).listMalls(), clock.nowMs());
  if (wish !== null) return wish;
  const field = FIELDS.find((each) => faults[each] !== undefined) ?? 'malls';
  throw new BadInput({ field: names[field] ?? field, message: toFaultText(faults, field, lang) ?? '' });
}

export async function sendNewRun(
  c: Context<AdminEnv>,
  context: AdminContext,
  key: string,
  wish: NewRunWish,
): Promise<SavedClick> {
  const { plan } = await loadWishPreview(context, wish);
  const { domainType, startDate, endDate, reprocess, reason } = wish;
  const kind = reprocess ? 'REPROCESS' : 'RUN';
  const requestedBy = c.get('visitor').name;
  const wishes = buildClick(plan, { kind, reason, fingerprints: null, requestedBy });
  const subject = { action: 'new run', target: `${domainType} ${startDate} to ${endDate}` };
  return await sendClick(c, context, subject, key, wishes);
}
