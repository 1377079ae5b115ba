import { html } from 'hono/html';
import type { RerunOutcome } from '../../domain/rerun-outcome.ts';
import { parseRead, RERUN_OUTCOMES } from '../../domain/rerun-outcome.ts';
import type { LivePicture } from '../live/channel.ts';
import { buildFragment } from '../live/fragment.ts';
import { renderLiveState } from '../live/live-state.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { toNumberText } from '../layout/number.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPage } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import type { Tone } from '../layout/status.ts';
import { renderBadge } from '../layout/status.ts';
import { renderTable } from '../layout/table.ts';
import { renderTime, toPeriodText } from '../layout/time.ts';
import { mayVisitor } from '../layout/view-context.ts';
import { toAdvice } from '../text/advice.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { toClickLink } from './click-links.ts';
import type { Progress, ProgressItem } from './load.ts';
import { listFailed } from './load.ts';
import { REQUESTS_TEXT } from './text.ts';

const MOST_SHOWN = 200;
/** A server takes a request within seconds. */
const PATIENCE_MS = 10_000;

const TONES: Record<RerunOutcome, Tone> = {
  waiting: 'idle',
  started: 'busy',
  'already running': 'busy',
  'already complete': 'good',
  completed: 'good',
  failed: 'bad',
  stopped: 'idle',
  refused: 'bad',
};

export function renderProgressPage(view: ViewContext, progress: Progress, only: RerunOutcome | null): Html {
  const text = REQUESTS_TEXT[view.lang];
  const { click } = progress;
  const title = text.requestTitle(text[click.kind]);
  const intro = html`${renderTime(click.requestedAtMs, view)}
  ${text.askedBy(click.requestedBy)}${click.reason === '' ? NOTHING : html` · ${text.reason(click.reason)}`}`;
  const live = toClickLink(click.key, only).replace(/(\?|$)/, '/events$1');
  return renderPage(view, {
    title,
    nav: 'requests',
    ...(progress.isOver ? {} : { live }),
    body: html`${renderPageHead(title, { intro, up: { href: '/requests', label: text.title } })}
    ${progress.isOver ? NOTHING : renderLiveState(view)} ${renderSummary(view, progress)}
    ${renderItems(view, progress, only)}`,
  });
}

/** What the live page exchanges. */
export function buildProgressPicture(view: ViewContext, progress: Progress, only: RerunOutcome | null): LivePicture {
  return {
    isOver: progress.isOver,
    fragments: [
      buildFragment('click-summary', renderSummary(view, progress)),
      buildFragment('click-items', renderItems(view, progress, only)),
    ],
  };
}

function renderSummary(view: ViewContext, progress: Progress): Html {
  const text = REQUESTS_TEXT[view.lang];
  const { counts, items } = progress;
  const over = items.length - counts.waiting - counts.started;
  const bad = counts.failed + counts.refused;
  const again = listFailed(progress);
  return html`<div id="click-summary" class="click-head">
    ${renderNoServer(view, progress)}
    <p class="click-sum" role="status">
      <strong>${text.summary(toNumberText(over), toNumberText(items.length))}</strong>
      ${bad === 0 ? NOTHING : html`· ${text.summaryFailed(toNumberText(bad))}`}
    </p>
    <progress class="progress" max="${items.length}" value="${over}" aria-label="${text.progress}"></progress>
    <ul class="outcomes">
      ${RERUN_OUTCOMES.filter((outcome) => counts[outcome] > 0).map((outcome) => renderCount(view, progress, outcome))}
    </ul>
    ${progress.isOver && again.length > 0 && mayVisitor(view, 'operator') ? renderAgain(view, progress, again.length) : NOTHING}
  </div>`;
}

function renderCount(view: ViewContext, { click, counts }: Progress, outcome: RerunOutcome): Html {
  return html`<li>
    <a href="${toClickLink(click.key, outcome)}">${renderBadge(TONES[outcome], REQUESTS_TEXT[view.lang][outcome])}</a>
    <span class="num">${toNumberText(counts[outcome])}</span>
  </li>`;
}

function renderAgain(view: ViewContext, { click }: Progress, count: number): Html {
  const href = `/runs/again?request=${encodeURIComponent(click.key)}`;
  return html`<p>
    <a class="button button-primary" href="${href}">${REQUESTS_TEXT[view.lang].failedAgain(count)}</a>
  </p>`;
}

/** Why nothing happens, where nothing does. */
function renderNoServer(view: ViewContext, { click, isServed, isOver }: Progress): Html {
  const text = REQUESTS_TEXT[view.lang];
  if (isOver) return NOTHING;
  if (!isServed) return renderNotice('warn', html`<strong>${text.unserved}</strong> ${text.unservedHelp}`);
  const isLeft = click.state === 'PENDING' && view.nowMs - click.requestedAtMs > PATIENCE_MS;
  return isLeft ? renderNotice('idle', text.busy) : NOTHING;
}

function renderItems(view: ViewContext, { items }: Progress, only: RerunOutcome | null): Html {
  const text = REQUESTS_TEXT[view.lang];
  const meant = only === null ? items : items.filter(({ outcome }) => outcome === only);
  const shown = meant.slice(0, MOST_SHOWN);
  const rest = meant.length - shown.length;
  const table = renderTable<ProgressItem>({
    caption: text.items,
    empty: text.empty,
    rows: shown,
    columns: [
      { title: text.mall, isHeading: true, toCell: (item) => renderMall(item) },
      { title: text.period, toCell: (item) => renderPeriod(view, item) },
      { title: text.outcome, toCell: (item) => renderOutcome(view, item) },
      { title: text.runColumn, toCell: (item) => renderRun(view, item) },
      { title: text.result, toCell: (item) => renderResult(view, item) },
    ],
  });
  const note = rest > 0 ? html`<p class="muted">${text.more(toNumberText(rest))}</p>` : NOTHING;
  return html`<div id="click-items">${renderPanel(text.items, html`${table}${note}`)}</div>`;
}

function renderMall({ mallId, mallName }: ProgressItem): Html {
  return html`<a href="/malls/${mallId}">${mallName === '' ? mallId : mallName}</a>
    <span class="muted">${mallId}</span>`;
}

function renderPeriod({ lang }: ViewContext, { request: { domainType, startDate, endDate } }: ProgressItem): Html {
  return html`${DOMAIN_WORDS[lang][domainType]} <span class="under whole">${toPeriodText(startDate, endDate)}</span>`;
}

function renderOutcome(view: ViewContext, { outcome, executionStatus }: ProgressItem): Html {
  const text = REQUESTS_TEXT[view.lang];
  const hasRejects = outcome === 'completed' && executionStatus === 'COMPLETED_WITH_REJECTS';
  return hasRejects ? renderBadge('warn', text.completedWithRejects) : renderBadge(TONES[outcome], text[outcome]);
}

function renderRun(view: ViewContext, { executionId }: ProgressItem): Html {
  if (executionId === null) return html`<span class="none">–</span>`;
  return html`<a class="whole" href="/runs/${executionId}">${REQUESTS_TEXT[view.lang].run(executionId)}</a>`;
}

function renderResult(view: ViewContext, item: ProgressItem): Html {
  const text = REQUESTS_TEXT[view.lang];
  const rows = parseRead(item.result);
  if (rows !== null) {
    const { read, inserted, updated, rejected } = rows;
    return html`${text.rows(toNumberText(read), toNumberText(inserted), toNumberText(updated), toNumberText(rejected))}`;
  }
  if (item.rowsRead !== null) return html`${text.rowsSoFar(toNumberText(item.rowsRead))}`;
  if (item.reason !== null) return renderFailure(view, item, item.reason);
  if (item.outcome === 'refused') return html`${text.nothingUnderWay}`;
  return NOTHING;
}

function renderFailure(
  view: ViewContext,
  { result, mallId }: ProgressItem,
  reason: NonNullable<ProgressItem['reason']>,
): Html {
  const { why, what } = toAdvice(reason, view.lang);
  const message = (result ?? '').slice(reason.length + 2);
  const mends = reason === 'AuthFailed' || reason === 'AppUninstalled' || reason === 'PermissionDenied';
  return html`<span class="reason-word">${reason}:</span> ${why} ${what}
    ${mends ? html`<a href="/malls/${mallId}">${REQUESTS_TEXT[view.lang].toMall}</a>` : NOTHING}
    ${message === '' ? NOTHING : html`<span class="under" lang="en">${message}</span>`}`;
}
