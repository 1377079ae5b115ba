import { html } from 'hono/html';
import { z } from 'zod';
import { FAILURES, isFailureReason } from '../../domain/failure.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { mayVisitor } from '../layout/view-context.ts';
import { optional } from '../runs/query-fields.ts';
import { toFilterAgainLink } from '../runs/run-links.ts';
import { DETAIL_TEXT } from './detail-text.ts';
import type { MallFacts } from './load.ts';
import { MALLS_TEXT } from './text.ts';

const MALL_NOTICES = ['added', 'changed', 'kept', 'activated', 'deactivated', 'authorized', 'denied'] as const;

/** What an act before this page left to be told. An address that tells something else tells nothing. */
export const mallNoticeQuery = z.object({
  notice: optional(z.enum(MALL_NOTICES)).catch(undefined),
  /** The error's word as Cafe24 gave it. */
  refused: optional(z.string().regex(/^\w{1,60}$/)).catch(undefined),
  /** Why the exchange of the code failed. */
  failed: optional(z.enum(Object.keys(FAILURES))).catch(undefined),
});

export function renderMallNotice(
  view: ViewContext,
  { notice, refused, failed }: z.output<typeof mallNoticeQuery>,
  facts: MallFacts,
): Html {
  const detail = DETAIL_TEXT[view.lang];
  const text = MALLS_TEXT[view.lang];
  const { name, active } = facts.board;
  if (refused !== undefined) return renderNotice('bad', detail.isRefused(refused));
  if (failed !== undefined && isFailureReason(failed)) return renderNotice('bad', detail.exchangeFailed(failed));
  if (notice === 'authorized') return renderNotice('good', renderAuthorized(view, facts));
  if (notice === 'denied') return renderNotice('warn', detail.isDenied);
  if (notice === 'added') return renderNotice('good', text.isAdded);
  if (notice === 'changed') return renderNotice('good', text.isChanged);
  if (notice === 'kept') return renderNotice('warn', text.keptCredential);
  // the address may be older than the switch
  if (notice === 'activated' && active) return renderNotice('good', text.isActivated(name));
  if (notice === 'deactivated' && !active) return renderNotice('good', text.isDeactivated(name));
  return NOTHING;
}

/** With the consent back, what failed for want of it can be run again at once. */
function renderAuthorized(view: ViewContext, { board, failedRuns }: MallFacts): Html {
  const text = DETAIL_TEXT[view.lang];
  if (failedRuns === 0 || !mayVisitor(view, 'operator')) return html`${text.isAuthorized}`;
  const link = toFilterAgainLink({ mall: [board.mallId], unmended: true });
  return html`${text.isAuthorized} <a href="${link}">${text.again(toNumberText(failedRuns))}</a>`;
}

const count = optional(
  z
    .string()
    .regex(/^\d{1,7}$/)
    .transform(Number),
).catch(undefined);

export const listNoticeQuery = z.object({ added: count, changed: count });

export function renderListNotice(view: ViewContext, { added, changed }: z.output<typeof listNoticeQuery>): Html {
  if (added === undefined && changed === undefined) return NOTHING;
  return renderNotice('good', MALLS_TEXT[view.lang].imported(added ?? 0, changed ?? 0));
}
