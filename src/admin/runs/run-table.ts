import { html } from 'hono/html';
import type { RunRow, RunSort } from '../../adapters/postgres/read-models/run-list.ts';
import { isLive } from '../../domain/execution.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNumber, toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderStatus } from '../layout/status.ts';
import type { Column } from '../layout/table.ts';
import { renderTable } from '../layout/table.ts';
import { renderTime, toPeriodText } from '../layout/time.ts';
import { mayVisitor, toLink } from '../layout/view-context.ts';
import { toAdvice } from '../text/advice.ts';
import { DOMAIN_WORDS, MODE_WORDS, TRIGGER_WORDS } from '../text/words.ts';
import { toRunLink } from './run-links.ts';
import { RUNS_TEXT } from './text.ts';
import { toTookText } from './took.ts';

/** The form that the table's check boxes belong to. */
export const CHOICE_FORM = 'run-choice';

export function renderRunTable(rows: readonly RunRow[], sort: RunSort, empty: Html, view: ViewContext): Html {
  const columns = buildColumns(sort, view);
  return renderTable({
    caption: RUNS_TEXT[view.lang].list,
    columns: mayVisitor(view, 'operator') ? [buildChoiceColumn(view), ...columns] : columns,
    rows,
    empty,
  });
}

function buildChoiceColumn(view: ViewContext): Column<RunRow> {
  const text = RUNS_TEXT[view.lang];
  return {
    title: text.select,
    head: html`<input type="checkbox" data-check-all="${CHOICE_FORM}" aria-label="${text.selectAll}" hidden />`,
    toCell: ({ executionId }) =>
      html`<input
        type="checkbox"
        name="executions"
        value="${executionId}"
        form="${CHOICE_FORM}"
        aria-label="${text.selectRun(executionId)}"
      />`,
  };
}

function buildColumns(sort: RunSort, view: ViewContext): readonly Column<RunRow>[] {
  const text = RUNS_TEXT[view.lang];
  const sortable = (own: RunSort, title: string, direction: 'ascending' | 'descending' = 'descending') => ({
    title,
    head: html`<a href="${toLink(view, { sort: own, cursor: null })}">${title}</a>`,
    ...(sort === own && { sorted: direction }),
  });
  return [
    { title: text.run, isHeading: true, toCell: (row) => renderRunCell(row, view) },
    { ...sortable('failedFirst', text.status), toCell: (row) => renderStatusCell(row, view) },
    { ...sortable('mall', text.mallColumn, 'ascending'), toCell: renderMallCell },
    { title: text.period, toCell: (row) => renderPeriodCell(row, view) },
    { ...sortable('rows', text.rows), align: 'right', toCell: (row) => renderRowsCell(row, view) },
    {
      ...sortable('duration', text.duration),
      align: 'right',
      toCell: ({ seconds }) => (seconds === null ? renderNumber(null) : toTookText(seconds, view)),
    },
    { ...sortable('newest', text.asked), toCell: (row) => renderAskedCell(row, view) },
  ];
}

function renderRunCell({ executionId, attemptCount, mode }: RunRow, view: ViewContext): Html {
  const attempt = attemptCount > 1 ? [RUNS_TEXT[view.lang].attempt(attemptCount)] : [];
  const words = [...attempt, ...(mode === 'RESUME' ? [] : [MODE_WORDS[view.lang][mode]])];
  return html`<a href="${toRunLink(executionId)}">${executionId}</a>${renderUnder(words.join(', '))}`;
}

function renderStatusCell(row: RunRow, view: ViewContext): Html {
  const reason = row.failureReason ?? (isLive(row.status) ? row.lastReason : null);
  const message = row.failureReason === null ? row.lastMessage : row.failureMessage;
  const mended = row.isMended ? html`<span class="mended">${RUNS_TEXT[view.lang].mended}</span>` : NOTHING;
  if (reason === null) return html`${renderStatus(row.status, view)} ${mended}`;
  const { why } = toAdvice(reason, view.lang);
  return html`${renderStatus(row.status, view)} <span class="reason-word" title="${why}">${reason}</span> ${mended}
    <span class="under clamp" title="${message ?? ''}">${message ?? ''}</span>`;
}

function renderMallCell({ mallId, mallName, cafe24MallId }: RunRow): Html {
  return html`<a href="/malls/${mallId}">${mallName === '' ? cafe24MallId : mallName}</a
    ><span class="under under-name">${mallId} · ${cafe24MallId}</span>`;
}

function renderPeriodCell({ domainType, startDate, endDate }: RunRow, view: ViewContext): Html {
  return html`${DOMAIN_WORDS[view.lang][domainType]}${renderUnder(toPeriodText(startDate, endDate))}`;
}

function renderRowsCell({ counters }: RunRow, view: ViewContext): Html {
  const rejected = counters.rejected === 0 ? '' : RUNS_TEXT[view.lang].rejected(toNumberText(counters.rejected));
  return html`${renderNumber(counters.read)}${renderUnder(rejected)}`;
}

function renderAskedCell({ requestedAtMs, trigger, requestedBy, mallSyncName }: RunRow, view: ViewContext): Html {
  const by = mallSyncName ?? (requestedBy === '' ? null : requestedBy);
  const words = [TRIGGER_WORDS[view.lang][trigger], ...(by === null ? [] : [by])];
  return html`${renderTime(requestedAtMs, view)}${renderUnder(words.join(' · '))}`;
}

function renderUnder(words: string): Html {
  return words === '' ? NOTHING : html`<span class="under">${words}</span>`;
}
