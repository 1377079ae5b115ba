import { html } from 'hono/html';
import type { RunningExecution } from '../../adapters/postgres/read-models/now-board.ts';
import { toSeoulTime } from '../../domain/seoul-time.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNumber, toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderStatus } from '../layout/status.ts';
import { renderTable, type Column } from '../layout/table.ts';
import { toDurationText, toPeriodText } from '../layout/time.ts';
import { mayVisitor } from '../layout/view-context.ts';
import { toAdvice } from '../text/advice.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { findHoldUp, toMomentText, type HoldUp } from './hold-up.ts';
import type { NowData } from './load.ts';
import { NOW_TEXT } from './text.ts';

/** More than a screen holds; the rest are counted. */
export const MOST_SHOWN = 100;

export function renderRunning(data: NowData, view: ViewContext): Html {
  const text = NOW_TEXT[view.lang];
  const { running, runningTotal } = data.board;
  const shown = running.slice(0, MOST_SHOWN);
  const more = runningTotal - shown.length;
  const newRun = mayVisitor(view, 'operator') ? html`<a href="/new">${text.newRun}</a>` : NOTHING;
  const table = renderTable({
    caption: text.running,
    columns: buildColumns(data, view),
    rows: shown,
    toRowId: ({ executionId }) => `run-${executionId}`,
    empty: html`<p>${text.runningEmpty}</p>
      <p>${text.runningEmptyHelp} ${newRun}</p>`,
  });
  const rest = html`<p><a href="/runs?status=RUNNING,WAITING">${text.more(toNumberText(more))}</a></p>`;
  return html`<div id="now-running">${table}${more > 0 ? rest : NOTHING}</div>`;
}

function buildColumns(data: NowData, view: ViewContext): readonly Column<RunningExecution>[] {
  const text = NOW_TEXT[view.lang];
  const columns: readonly Column<RunningExecution>[] = [
    { title: text.run, isHeading: true, toCell: (run) => renderRun(run, view) },
    { title: text.mall, toCell: renderMall },
    { title: text.status, toCell: (run) => renderState(run, data, view) },
    { title: text.progress, toCell: (run) => renderProgress(run, view) },
    { title: text.rows, align: 'right', toCell: ({ read }) => renderNumber(read) },
    { title: text.perSecond, align: 'right', toCell: (run) => renderRate(run, data) },
    { title: text.calls, align: 'right', toCell: (run) => renderCalls(run, view) },
    { title: text.since, toCell: ({ startedAtMs }) => renderSince(startedAtMs) },
  ];
  if (!mayVisitor(view, 'operator')) return columns;
  const toStop = ({ executionId }: RunningExecution): Html =>
    html`<a class="button" href="/runs/${executionId}/stop" aria-label="${text.stopRun(executionId)}">${text.stop}</a>`;
  return [...columns, { title: text.act, toCell: toStop }];
}

function renderRun(
  { executionId, domainType, startDate, endDate, attemptCount }: RunningExecution,
  view: ViewContext,
): Html {
  const attempt = attemptCount > 1 ? ` · ${NOW_TEXT[view.lang].attempt(attemptCount)}` : '';
  return html`<a href="/runs/${executionId}">${executionId}</a>
    <span class="under">${DOMAIN_WORDS[view.lang][domainType]}${attempt}</span>
    <span class="under">${toPeriodText(startDate, endDate)}</span>`;
}

function renderMall({ mallId, mallName, cafe24MallId }: RunningExecution): Html {
  const name = mallName === '' ? cafe24MallId || String(mallId) : mallName;
  return html`<a href="/malls/${mallId}">${name}</a><span class="under">${mallId} · ${cafe24MallId}</span>`;
}

function renderState(run: RunningExecution, { board, atMs }: NowData, view: ViewContext): Html {
  const text = NOW_TEXT[view.lang];
  const holdUp = findHoldUp(run, board.budgets, atMs);
  const why = holdUp === null ? NOTHING : html`<span class="under">${toHoldUpText(holdUp, atMs, view)}</span>`;
  const { lastReason } = run;
  const before =
    lastReason === null
      ? NOTHING
      : html`<span class="under" title="${toAdvice(lastReason, view.lang).why}">${text.lastLeft(lastReason)}</span>`;
  return html`${renderStatus(run.status, view)}${why}${before}`;
}

function toHoldUpText(holdUp: HoldUp, nowMs: number, { lang }: ViewContext): string {
  const text = NOW_TEXT[lang];
  if (holdUp.kind === 'quota') return text.quota(toMomentText(holdUp.untilMs, nowMs));
  if (holdUp.kind === 'blocked') return text.blocked(toMomentText(holdUp.untilMs, nowMs));
  return { starting: text.starting, unheld: text.unheld, calls: text.waitsForCalls }[holdUp.kind];
}

function renderProgress(run: RunningExecution, view: ViewContext): Html {
  const text = NOW_TEXT[view.lang];
  const { windowsDone, windowsTotal, rowsSeen, expectedRows } = run;
  if (windowsTotal === 0)
    return html`<progress class="progress" aria-label="${text.progress}"></progress>
      <span class="under">${text.planning}</span>`;
  const rows = expectedRows === null ? null : text.ofRows(toNumberText(rowsSeen), toNumberText(expectedRows));
  const windows = text.windows(toNumberText(windowsDone), toNumberText(windowsTotal));
  const [value, most] = expectedRows === null ? [windowsDone, windowsTotal] : [rowsSeen, expectedRows];
  return html`<progress
      class="progress"
      value="${value}"
      max="${Math.max(most, 1)}"
      aria-label="${text.progress}"
    ></progress>
    <span class="under">${rows === null ? windows : `${rows} · ${windows}`}</span>`;
}

/** The day stands below the time, so that the column can be narrow. */
function renderSince(startedAtMs: number | null): Html {
  if (startedAtMs === null) return html`<span class="none">–</span>`;
  const local = toSeoulTime(startedAtMs);
  const title = `${local.replace('T', ' ')} Asia/Seoul (KST)`;
  return html`<time datetime="${local}+09:00" title="${title}">${local.slice(11, 16)}</time>
    <span class="under">${local.slice(0, 10)}</span>`;
}

function renderRate({ executionId }: RunningExecution, { rates }: NowData): Html {
  const rate = rates.get(executionId) ?? null;
  return renderNumber(rate === null ? null : Math.round(rate));
}

function renderCalls({ apiCalls, waitMs }: RunningExecution, view: ViewContext): Html {
  const seconds = Math.floor(waitMs / 1_000);
  const waited =
    seconds === 0
      ? NOTHING
      : html`<span class="under">${NOW_TEXT[view.lang].waited(toDurationText(seconds, view))}</span>`;
  return html`${renderNumber(apiCalls)}${waited}`;
}
