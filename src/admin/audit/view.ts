import { html } from 'hono/html';
import type { AuditEntry } from '../../adapters/postgres/audit-log.ts';
import { renderField } from '../layout/field.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderBadge } from '../layout/status.ts';
import type { Column } from '../layout/table.ts';
import { renderTable } from '../layout/table.ts';
import { renderTime } from '../layout/time.ts';
import { toLink } from '../layout/view-context.ts';
import type { AuditData } from './load.ts';
import type { AuditQuery } from './query.ts';
import { AUDIT_TEXT } from './text.ts';

export function renderAudit({ entries, nextBeforeId, query }: AuditData, view: ViewContext): Html {
  const text = AUDIT_TEXT[view.lang];
  return html`${renderPageHead(text.title, { intro: text.intro })}
    <section class="panel" aria-label="${text.list}">
      ${renderFilter(query, view)}
      ${renderTable({
        caption: text.list,
        columns: buildColumns(view),
        rows: entries,
        empty: isNarrowed(query) ? text.emptyFiltered : text.empty,
      })}
      ${renderSteps(query, nextBeforeId, view)}
    </section>`;
}

function isNarrowed({ actor, action, target, since, until }: AuditQuery): boolean {
  return [actor, action, target, since, until].some((value) => value !== undefined);
}

function renderFilter(query: AuditQuery, view: ViewContext): Html {
  const text = AUDIT_TEXT[view.lang];
  const time = { type: 'datetime-local', step: '1' } as const;
  return html`<form class="filter" method="get" action="/audit" role="search" aria-label="${text.filter}">
    <div class="filters">
      ${renderField({ name: 'actor', label: text.actor, value: query.actor ?? '' })}
      ${renderField({ name: 'action', label: text.action, value: query.action ?? '', placeholder: text.actionHint })}
      ${renderField({ name: 'target', label: text.target, value: query.target ?? '' })}
      ${renderField({ ...time, name: 'since', label: text.since, value: query.since ?? '' })}
      ${renderField({ ...time, name: 'until', label: text.until, value: query.until ?? '' })}
      <button class="button button-primary">${text.apply}</button>
      ${isNarrowed(query) ? html`<a class="button button-quiet" href="/audit">${text.clear}</a>` : NOTHING}
    </div>
  </form>`;
}

function buildColumns(view: ViewContext): readonly Column<AuditEntry>[] {
  const text = AUDIT_TEXT[view.lang];
  return [
    { title: text.at, toCell: ({ atMs }) => renderTime(atMs, view) },
    { title: text.actor, isHeading: true, toCell: ({ actor }) => actor },
    { title: text.action, toCell: ({ action }) => action },
    { title: text.target, toCell: ({ target }) => html`<span class="break">${target}</span>` },
    { title: text.source, toCell: ({ source }) => source },
    { title: text.outcome, toCell: ({ outcome }) => renderOutcome(outcome, view) },
    { title: text.detail, toCell: ({ detail }) => renderDetail(detail) },
  ];
}

function renderOutcome(outcome: string, view: ViewContext): Html {
  return outcome === 'done' ? renderBadge('good', AUDIT_TEXT[view.lang].done) : renderBadge('bad', outcome);
}

function renderDetail(detail: AuditEntry['detail']): Html {
  const parts = Object.entries(detail).filter(([, value]) => value !== null && value !== '');
  if (parts.length === 0) return html`<span class="none">–</span>`;
  return html`<ul class="facts">
    ${parts.map(([name, value]) => html`<li><span class="fact-name">${name}</span> <span class="break">${toFactText(value)}</span></li>`)}
  </ul>`;
}

function toFactText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function renderSteps({ before }: AuditQuery, nextBeforeId: number | null, view: ViewContext): Html {
  if (before === undefined && nextBeforeId === null) return NOTHING;
  const text = AUDIT_TEXT[view.lang];
  const newest = html`<a class="button" href="${toLink(view, { before: null })}">${text.newest}</a>`;
  const older = html`<a class="button" rel="next" href="${toLink(view, { before: String(nextBeforeId) })}"
    >${text.older}</a
  >`;
  return html`<nav class="pager" aria-label="${text.pages}">
    ${before === undefined ? NOTHING : newest} ${nextBeforeId === null ? NOTHING : older}
  </nav>`;
}
