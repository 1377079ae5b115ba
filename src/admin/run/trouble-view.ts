import { html } from 'hono/html';
import type { FailureReason } from '../../domain/failure.ts';
import { isLive, type ExecutionStatus } from '../../domain/execution.ts';
import { findTrouble } from '../../domain/trouble.ts';
import type { RunDetail } from '../../adapters/postgres/read-models/run-detail.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import type { ViewContext } from '../layout/page.ts';
import { mayVisitor } from '../layout/view-context.ts';
import { renderNotice } from '../layout/notice.ts';
import { renderStatus } from '../layout/status.ts';
import { toRunLink, toRunsLink } from '../runs/run-links.ts';
import { toAdvice } from '../text/advice.ts';
import { RUN_TEXT } from './text.ts';

/** Why it failed and what to do, in one sentence each, with the way to where it can be mended. */
export function renderTrouble(run: RunDetail, view: ViewContext): Html {
  const trouble = findTrouble(run);
  if (trouble === null) return renderWait(run.status, view);
  const text = RUN_TEXT[view.lang];
  const { why, what } = toAdvice(trouble.reason, view.lang);
  const mend = findMend(trouble.reason, run, view);
  const tone = toTone(run.status);
  return html`<section class="notice notice-${tone} trouble" aria-label="${tone === 'bad' ? text.why : text.whyLive}">
    <h2><span class="reason-word">${trouble.reason}:</span> ${why}</h2>
    <p>${what}${mend === null ? NOTHING : html` <a href="${mend.href}">${mend.label}</a>`}</p>
    ${trouble.message === '' ? NOTHING : html`<p class="message"><span class="hidden">${text.message}: </span>${trouble.message}</p>`}
    ${renderSuccessor(run, view)}
  </section>`;
}

/** What failed and was run again since is nothing to be done about. */
function renderSuccessor({ isMended, attempts, executionId }: RunDetail, view: ViewContext): Html {
  const [newest] = attempts;
  if (!isMended || newest === undefined || newest.executionId === executionId) return NOTHING;
  const text = RUN_TEXT[view.lang];
  return html`<p>
    ${text.takenUp} <a href="${toRunLink(newest.executionId)}">${text.title(newest.executionId)}</a>
    ${renderStatus(newest.status, view)}
  </p>`;
}

/** Waiting is no failure; it only asks for patience. */
function renderWait(status: ExecutionStatus, view: ViewContext): Html {
  const text = RUN_TEXT[view.lang];
  if (status === 'REQUESTED') {
    return renderNotice('busy', html`${text.waitsTurn} <a href="/now">${text.seeQueue}</a>`);
  }
  if (status !== 'WAITING') return NOTHING;
  return renderNotice('busy', html`${text.waitsLimit} <a href="/now">${text.seeBudgets}</a>`);
}

function toTone(status: ExecutionStatus): 'bad' | 'warn' | 'idle' {
  if (isLive(status)) return 'warn';
  return status === 'STOPPED' ? 'idle' : 'bad';
}

interface Mend {
  readonly href: string;
  readonly label: string;
}

/** Where this page can do something about it, or show more of it. */
export function findMend(
  reason: FailureReason,
  run: Pick<RunDetail, 'mallId' | 'domainType' | 'startDate' | 'endDate'>,
  view: ViewContext,
): Mend | null {
  const text = RUN_TEXT[view.lang];
  const mall = { href: `/malls/${run.mallId}`, label: text.openMall };
  const authorize = { ...mall, label: mayVisitor(view, 'admin') ? text.authorize : text.openMall };
  const budgets = { href: '/now', label: text.seeBudgets };
  const windows = { href: '#windows', label: text.seeWindows };
  const period = { mall: [run.mallId], domain: [run.domainType], start: run.startDate, end: run.endDate };
  const others = { href: toRunsLink(period), label: text.seeOthers };
  const mends: Partial<Record<FailureReason, Mend>> = {
    AuthFailed: authorize,
    PermissionDenied: authorize,
    AppUninstalled: mall,
    ConfigInvalid: mall,
    RateLimited: budgets,
    QuotaExceeded: budgets,
    RejectBudgetExceeded: { href: '#errors', label: text.seeErrors },
    UpstreamContract: windows,
    IncompleteRead: windows,
    DuplicateRefused: others,
    LeaseLost: others,
  };
  return mends[reason] ?? null;
}
