import { html } from 'hono/html';
import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNumber } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import { renderStatus } from '../layout/status.ts';
import type { Column } from '../layout/table.ts';
import { renderTable } from '../layout/table.ts';
import { renderTime } from '../layout/time.ts';
import { toRunLink } from '../runs/run-links.ts';
import { toTookText } from '../runs/took.ts';
import { MODE_WORDS, TRIGGER_WORDS } from '../text/words.ts';
import { RUN_TEXT } from './text.ts';

/** All executions of one instance side by side, so that what a re-run changed can be read off. */
export function renderAttempts(attempts: readonly ExecutionRecord[], currentId: number, view: ViewContext): Html {
  const text = RUN_TEXT[view.lang];
  return renderPanel(
    text.attempts,
    html`<p class="hint">${text.attemptsHint}</p>
      ${renderTable({ caption: text.attempts, columns: buildColumns(currentId, view), rows: attempts, empty: '' })}`,
  );
}

function buildColumns(currentId: number, view: ViewContext): readonly Column<ExecutionRecord>[] {
  const text = RUN_TEXT[view.lang];
  return [
    { title: text.attemptCount, isHeading: true, toCell: (run) => renderAttempt(run, currentId, view) },
    { title: text.status, toCell: (run) => renderEnd(run, view) },
    { title: text.mode, toCell: ({ mode }) => MODE_WORDS[view.lang][mode] },
    { title: text.asked, toCell: (run) => renderAsked(run, view) },
    {
      title: text.took,
      align: 'right',
      toCell: ({ seconds }) => (seconds === null ? renderNumber(null) : toTookText(seconds, view)),
    },
    countColumn(text.read, ({ counters }) => counters.read),
    countColumn(text.inserted, ({ counters }) => counters.inserted),
    countColumn(text.updated, ({ counters }) => counters.updated),
    countColumn(text.unchanged, ({ counters }) => counters.unchanged),
    countColumn(text.rejected, ({ counters }) => counters.rejected),
    countColumn(text.apiCalls, ({ counters }) => counters.apiCalls),
  ];
}

function countColumn(title: string, toCount: (run: ExecutionRecord) => number): Column<ExecutionRecord> {
  return { title, align: 'right', toCell: (run) => renderNumber(toCount(run)) };
}

function renderAttempt({ executionId, attemptCount }: ExecutionRecord, currentId: number, view: ViewContext): Html {
  const mark = html`<span class="under">${RUN_TEXT[view.lang].thisOne}</span>`;
  return executionId === currentId
    ? html`<strong>${attemptCount}</strong>${mark}`
    : html`<a href="${toRunLink(executionId)}">${attemptCount}</a>`;
}

function renderEnd({ status, failureReason, exitCode }: ExecutionRecord, view: ViewContext): Html {
  const words = [
    ...(failureReason === null ? [] : [failureReason]),
    ...(exitCode === null || exitCode === 0 ? [] : [`${RUN_TEXT[view.lang].exitCode} ${exitCode}`]),
  ];
  return html`${renderStatus(status, view)}${words.length === 0 ? NOTHING : html`<span class="under">${words.join(' · ')}</span>`}`;
}

function renderAsked({ requestedAtMs, trigger, requestedBy }: ExecutionRecord, view: ViewContext): Html {
  const words = [TRIGGER_WORDS[view.lang][trigger], ...(requestedBy === '' ? [] : [requestedBy])];
  return html`${renderTime(requestedAtMs, view)}<span class="under">${words.join(' · ')}</span>`;
}
