import { html } from 'hono/html';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPager } from '../layout/pager.ts';
import { mayVisitor } from '../layout/view-context.ts';
import { renderFilterForm } from './filter-form.ts';
import type { RunsData } from './load.ts';
import { renderNight } from './night-view.ts';
import { isNarrowed } from './query.ts';
import { toFilterAgainLink, toFilterQuery, toRunsLink } from './run-links.ts';
import { CHOICE_FORM, renderRunTable } from './run-table.ts';
import { RUNS_TEXT } from './text.ts';

export function renderRuns(data: RunsData, deadline: string, view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  const mayRun = mayVisitor(view, 'operator');
  const actions = mayRun ? html`<a class="button" href="/new">${text.newRun}</a>` : NOTHING;
  return html`${renderPageHead(text.title, { actions })} ${renderNight(data.picture, deadline, view)}
    <section class="panel" aria-label="${text.list}">
      <div class="list-head">
        <h2>${text.list}</h2>
        ${renderMatching(data, view)}
      </div>
      ${renderFilterForm(data.query, view)}
      ${mayRun && data.page.rows.length > 0 ? renderChoiceForm(data, view) : NOTHING}
      ${renderRunTable(data.page.rows, data.sort, renderEmpty(data, view), view)} ${renderPager(view, data.page)}
    </section>`;
}

function renderMatching({ matching, query }: RunsData, view: ViewContext): Html {
  if (matching === null || !isNarrowed(query)) return NOTHING;
  const text = RUNS_TEXT[view.lang];
  const count = toNumberText(matching.count);
  return html`<p class="list-count">${matching.isMore ? text.matchingMany(count) : text.matching(count)}</p>`;
}

/** Empty but for its buttons: the boxes stand in the table and name this form. */
function renderChoiceForm(data: RunsData, view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  return html`<form class="choice-bar" id="${CHOICE_FORM}" method="get" action="/runs/again">
    <button class="button button-primary">${text.againChosen}</button>
    ${renderAgainAll(data, view)}
  </form>`;
}

function renderAgainAll({ matching, query }: RunsData, view: ViewContext): Html {
  if (matching === null || matching.count === 0) return NOTHING;
  const text = RUNS_TEXT[view.lang];
  const count = toNumberText(matching.count);
  if (matching.isMore) return html`<span class="hint">${text.tooMany(count)}</span>`;
  return html`<a class="button" href="${toFilterAgainLink(toFilterQuery(query))}">${text.againAll(count)}</a>`;
}

function renderEmpty({ query }: RunsData, view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  if (query.cursor !== undefined) {
    return html`<p>${text.noPage}</p>
      <p><a href="${toRunsLink({ ...query, cursor: undefined })}">${text.firstPage}</a></p>`;
  }
  if (isNarrowed(query)) {
    return html`<p>${text.emptyFiltered}</p>
      <p>${text.emptyFilteredHelp} <a href="/runs">${text.allRuns}</a></p>`;
  }
  return html`<p>${text.empty}</p>
    <p>${text.emptyHelp} ${mayVisitor(view, 'operator') ? html`<a href="/new">${text.newRun}</a>` : NOTHING}</p>`;
}
