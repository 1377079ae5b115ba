import { html } from 'hono/html';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { EXECUTION_STATUSES, TRIGGERS } from '../../domain/execution.ts';
import { FAILURES } from '../../domain/failure.ts';
import type { Choice } from '../layout/field.ts';
import { renderField, renderSelect } from '../layout/field.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import type { ViewContext } from '../layout/page.ts';
import { DOMAIN_WORDS, STATUS_WORDS, TRIGGER_WORDS } from '../text/words.ts';
import type { RunListQuery } from './query.ts';
import { DEFAULT_SORT, isNarrowed, RUN_SORTS } from './query.ts';
import { RUNS_TEXT } from './text.ts';

const SORT_TEXT = {
  failedFirst: 'sortFailedFirst',
  newest: 'sortNewest',
  duration: 'sortDuration',
  rows: 'sortRows',
  mall: 'sortMall',
} as const;

/** A form with method get: what it sends is the list's stable address. */
export function renderFilterForm(query: RunListQuery, view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  const clear = isNarrowed(query) ? html`<a class="button button-quiet" href="/runs">${text.clear}</a>` : NOTHING;
  return html`<form class="filter" method="get" action="/runs" role="search" aria-label="${text.filter}">
    <div class="filters">${renderMainFields(query, view)}</div>
    <div class="choice-bar">
      <label class="choice"
        ><input type="checkbox" name="unmended" value="1" ${query.unmended === true ? html`checked` : NOTHING} />
        <span>${text.unmended}</span></label
      >
      <button class="button button-primary">${text.apply}</button>${clear}
    </div>
    <details ${hasMore(query) ? html`open` : NOTHING}>
      <summary>${text.moreFilters}</summary>
      <div class="filters-more">${renderMoreFields(query, view)}</div>
    </details>
  </form>`;
}

function hasMore(query: RunListQuery): boolean {
  const { mall, trigger, mallSync, night, start, end, since, until } = query;
  return [mall, trigger, mallSync, night, start, end, since, until].some((value) => value !== undefined);
}

function renderMainFields(query: RunListQuery, view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  const domains = DOMAIN_TYPES.map((value) => ({ value, label: DOMAIN_WORDS[view.lang][value] }));
  const statuses = EXECUTION_STATUSES.map((value) => ({ value, label: STATUS_WORDS[view.lang][value] }));
  const reasons = Object.keys(FAILURES).map((value) => ({ value, label: value }));
  const sorts = RUN_SORTS.map((value) => ({ value, label: text[SORT_TEXT[value]] }));
  return html`${renderField({
    name: 'q',
    label: text.search,
    type: 'search',
    value: query.q ?? '',
    placeholder: text.searchHint,
  })}
  ${renderPick('status', text.status, statuses, query.status, view)}
  ${renderPick('domain', text.domain, domains, query.domain, view)}
  ${renderPick('reason', text.reason, reasons, query.reason, view)}
  ${renderSelect({ name: 'sort', label: text.sort, choices: sorts, value: query.sort ?? DEFAULT_SORT })}`;
}

function renderMoreFields(query: RunListQuery, view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  const triggers = TRIGGERS.map((value) => ({ value, label: TRIGGER_WORDS[view.lang][value] }));
  const time = { type: 'datetime-local', step: '1' } as const;
  return html`${renderField({ name: 'mall', label: text.mall, value: (query.mall ?? []).join(', '), hint: text.mallHint })}
  ${renderPick('trigger', text.trigger, triggers, query.trigger, view)}
  ${renderField({ name: 'mallSync', label: text.mallSync, value: query.mallSync ?? '', hint: text.mallSyncHint })}
  ${renderField({ name: 'night', type: 'date', label: text.nightDay, value: query.night ?? '', hint: text.nightDayHint })}
  ${renderField({ ...time, name: 'start', label: text.periodStart, value: query.start ?? '' })}
  ${renderField({ ...time, name: 'end', label: text.periodEnd, value: query.end ?? '' })}
  ${renderField({ ...time, name: 'since', label: text.since, value: query.since ?? '' })}
  ${renderField({ ...time, name: 'until', label: text.until, value: query.until ?? '' })}`;
}

/** One of many; several that an address names stay one choice, so that the form keeps them. */
function renderPick(
  name: string,
  label: string,
  choices: readonly Choice[],
  chosen: readonly string[] | undefined,
  view: ViewContext,
): Html {
  const value = (chosen ?? []).join(',');
  const several = chosen !== undefined && chosen.length > 1 ? [{ value, label: chosen.join(', ') }] : [];
  const any = { value: '', label: RUNS_TEXT[view.lang].any };
  return renderSelect({ name, label, choices: [any, ...several, ...choices], value });
}
