import { html } from 'hono/html';
import type { ErrorEntry, ErrorStatus } from '../../adapters/postgres/error-log.ts';
import { renderConfirmButton } from '../layout/confirm-button.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderBadge, type Tone } from '../layout/status.ts';
import type { Column } from '../layout/table.ts';
import { renderTable } from '../layout/table.ts';
import { renderTime } from '../layout/time.ts';
import { mayVisitor, toLink } from '../layout/view-context.ts';
import { toErrorsLink, toRunLink } from '../runs/run-links.ts';
import { renderReveal, toPayloadText } from './error-view.ts';
import type { RunErrors } from './load.ts';
import { ROW_TEXT } from './row-text.ts';
import { RUN_TEXT } from './text.ts';

const TONES: Readonly<Record<ErrorStatus, Tone>> = { OPEN: 'warn', REPLAYED: 'good', IGNORED: 'idle' };

/** The rejected rows of a run one by one, the newest first. */
export function renderEntries(data: RunErrors, view: ViewContext): Html {
  const text = ROW_TEXT[view.lang];
  const { executionId } = data.record;
  const { fingerprint } = data.query;
  const up = { href: `${toRunLink(executionId)}#errors`, label: RUN_TEXT[view.lang].title(executionId) };
  const all = html`<a href="${toErrorsLink(executionId, {})}">${text.allEntries}</a>`;
  return html`${renderPageHead(text.errors, {
      up,
      intro: fingerprint === undefined ? text.entriesIntro : html`<code>${fingerprint}</code> ${all}`,
      actions: renderReopen(data, view),
    })}
    <section class="panel" aria-label="${text.errors}">
      ${renderTable({
        caption: text.errors,
        columns: buildColumns(executionId, view),
        rows: data.entries,
        empty: text.errorsNone,
      })}
      ${renderSteps(data, view)}
    </section>`;
}

function renderReopen({ record, query, entries }: RunErrors, view: ViewContext): Html {
  const { fingerprint } = query;
  const isIgnored = entries.some(({ status }) => status === 'IGNORED');
  if (fingerprint === undefined || !isIgnored || !mayVisitor(view, 'operator')) return NOTHING;
  const action = `${toRunLink(record.executionId)}/reopen`;
  return renderConfirmButton(view, { action, label: ROW_TEXT[view.lang].reopen, fields: { fingerprint } });
}

function buildColumns(executionId: number, view: ViewContext): readonly Column<ErrorEntry>[] {
  const text = ROW_TEXT[view.lang];
  const columns: readonly Column<ErrorEntry>[] = [
    { title: text.rowKey, isHeading: true, toCell: ({ rowKey }) => rowKey ?? '–' },
    {
      title: text.why,
      toCell: ({ reasonCode, field, message }) =>
        html`${reasonCode} <span class="under-inline">${field ?? text.wholeRow}</span
          ><span class="under">${message}</span>`,
    },
    { title: text.state, toCell: (entry) => renderEntryStatus(entry, view) },
    { title: text.lastSeen, toCell: ({ lastSeenAtMs }) => renderTime(lastSeenAtMs, view) },
    { title: text.times, align: 'right', toCell: ({ times }) => times },
    { title: text.payload, toCell: (entry) => renderPayload(entry, view) },
  ];
  if (!mayVisitor(view, 'admin')) return columns;
  return [...columns, { title: text.reveal, toCell: ({ errorId }) => renderReveal(executionId, errorId, view) }];
}

function renderEntryStatus({ status, statusBy }: ErrorEntry, view: ViewContext): Html {
  const by = statusBy === null ? NOTHING : html`<span class="under">${statusBy}</span>`;
  return html`${renderBadge(TONES[status], ROW_TEXT[view.lang][`entry${status}`])}${by}`;
}

function renderPayload({ payload }: ErrorEntry, view: ViewContext): Html | null {
  if (payload === null || payload === undefined) return html`<span class="none">–</span>`;
  const text = ROW_TEXT[view.lang];
  return html`<details>
    <summary>${text.show}</summary>
    <pre class="code" tabindex="0" aria-label="${text.payload}">${toPayloadText(payload)}</pre>
  </details>`;
}

function renderSteps({ query, nextBeforeId }: RunErrors, view: ViewContext): Html {
  if (query.before === undefined && nextBeforeId === null) return NOTHING;
  const text = ROW_TEXT[view.lang];
  const newest = html`<a class="button" href="${toLink(view, { before: null })}">${text.newest}</a>`;
  const older = html`<a class="button" rel="next" href="${toLink(view, { before: String(nextBeforeId) })}"
    >${text.older}</a
  >`;
  return html`<nav class="pager" aria-label="${text.pagesOfList}">
    ${query.before === undefined ? NOTHING : newest} ${nextBeforeId === null ? NOTHING : older}
  </nav>`;
}
