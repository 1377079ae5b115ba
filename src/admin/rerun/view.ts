import { html } from 'hono/html';
import { renderCsrf } from '../layout/csrf.ts';
import { renderField } from '../layout/field.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPage } from '../layout/page.ts';
import { toLink } from '../layout/view-context.ts';
import type { Preview } from './load.ts';
import { renderPreview } from './plan-view.ts';
import type { PlanMode } from './plan.ts';
import { PLAN_MODES } from './plan.ts';
import { RERUN_TEXT } from './text.ts';

export interface AgainPage {
  readonly preview: Preview;
  readonly executionIds: readonly number[];
  readonly key: string;
  /** As the visitor asked for; null: as before. */
  readonly pageSize: number | null;
  readonly reason: string;
  /** What is wrong with the reason. */
  readonly reasonError: string | null;
}

export function renderAgainPage(view: ViewContext, page: AgainPage): Html {
  const text = RERUN_TEXT[view.lang];
  const { plan } = page.preview;
  return renderPage(view, {
    title: text.title,
    nav: 'runs',
    body: html`${renderHead(view)} ${renderModes(view, page)}
    ${renderPreview(view, page.preview, plan.counts.start === 0 ? renderNothing(view) : renderConfirm(view, page))}`,
  });
}

/** Nothing was chosen, or the filter matches nothing. */
export function renderEmptyAgainPage(view: ViewContext, message: 'nothingChosen' | 'nothingMatches'): Html {
  const text = RERUN_TEXT[view.lang];
  return renderPage(view, {
    title: text.title,
    nav: 'runs',
    body: html`${renderHead(view)}
      <div class="empty">
        <p>${text[message]}</p>
        <p>${text.nothingChosenHelp}</p>
        <p><a class="button" href="/runs">${text.back}</a></p>
      </div>`,
  });
}

function renderHead(view: ViewContext): Html {
  const text = RERUN_TEXT[view.lang];
  return renderPageHead(text.title, { intro: text.intro, up: { href: '/runs', label: text.toRuns } });
}

/** An address holds no more numbers than this. */
const MOST_IN_ADDRESS = 500;

/** Each way is a preview of its own. */
function renderModes(view: ViewContext, { preview, executionIds, pageSize }: AgainPage): Html {
  const text = RERUN_TEXT[view.lang];
  const { mode } = preview.plan;
  const toHref = (other: PlanMode): string => {
    if (view.url.search !== '') return toLink(view, { mode: other });
    const size = pageSize === null ? '' : `&pageSize=${pageSize}`;
    return `/runs/again?executions=${executionIds.join(',')}&mode=${other}${size}`;
  };
  if (view.url.search === '' && executionIds.length > MOST_IN_ADDRESS) return NOTHING;
  return html`<nav class="tabs" aria-label="${text.mode}">
      ${PLAN_MODES.map(
        (each) =>
          html`<a class="button" href="${toHref(each)}" ${each === mode ? html`aria-current="page"` : NOTHING}
            >${text[each]}</a
          >`,
      )}
    </nav>
    <p class="muted">${text[`${mode}Hint`]}</p>`;
}

function renderNothing(view: ViewContext): Html {
  const text = RERUN_TEXT[view.lang];
  return html`<div class="form-end">
    <p>${text.nothingToStart}</p>
    <a class="button" href="/runs">${text.back}</a>
  </div>`;
}

function renderConfirm(view: ViewContext, page: AgainPage): Html {
  const text = RERUN_TEXT[view.lang];
  const { plan } = page.preview;
  const { start } = plan.counts;
  return html`<form class="form" method="post" action="/runs/again">
    ${renderCsrf(view)}
    <input type="hidden" name="key" value="${page.key}" />
    <input type="hidden" name="mode" value="${plan.mode}" />
    <input type="hidden" name="executions" value="${page.executionIds.join(',')}" />
    <input type="hidden" name="pageSize" value="${page.pageSize ?? ''}" />
    ${renderReason(view, page)}
    <div class="form-end">
      <button class="button button-primary">${text.confirm(start, toNumberText(start))}</button>
      <a class="button" href="/runs">${text.back}</a>
      <span class="muted">${text.sameKey}</span>
    </div>
  </form>`;
}

function renderReason(view: ViewContext, { preview, reason, reasonError }: AgainPage): Html {
  const text = RERUN_TEXT[view.lang];
  const isNeeded = preview.plan.mode === 'reprocess';
  return renderField({
    name: 'reason',
    label: isNeeded ? text.reason : text.reasonOptional,
    hint: text.reasonHint,
    value: reason,
    error: reasonError,
    required: isNeeded,
  });
}
