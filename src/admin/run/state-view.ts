import { html } from 'hono/html';
import type { RunDetail } from '../../adapters/postgres/read-models/run-detail.ts';
import { isLive } from '../../domain/execution.ts';
import type { LivePicture } from '../live/channel.ts';
import { buildFragment } from '../live/fragment.ts';
import type { Html } from '../layout/html.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderStatus } from '../layout/status.ts';
import { mayVisitor } from '../layout/view-context.ts';
import { toRunAgainLink, toRunLink } from '../runs/run-links.ts';
import { renderAttempts } from './attempt-view.ts';
import { renderCounters } from './counter-view.ts';
import { RUN_TEXT } from './text.ts';
import { renderTimeline } from './timeline-view.ts';
import { renderTrouble } from './trouble-view.ts';
import { pickWindows, renderWindows } from './window-view.ts';

/** What changes while it runs, each an element with an id: drawn with the page and sent again by its events. */
export interface RunParts {
  readonly head: Html;
  readonly trouble: Html;
  readonly counters: Html;
  readonly windows: Html;
  readonly timeline: Html;
  readonly attempts: Html;
}

export function renderParts(run: RunDetail, isWhole: boolean, view: ViewContext): RunParts {
  return {
    head: html`<span id="run-head">${renderStatus(run.status, view)}</span>`,
    trouble: html`<div id="run-trouble">${renderTrouble(run, view)}</div>`,
    counters: html`<div id="run-counters">${renderCounters(run, view)}</div>`,
    windows: html`<div id="run-windows">${renderWindows(run.windows, isWhole, view)}</div>`,
    timeline: html`<div id="run-timeline">${renderTimeline(run.timeline, view)}</div>`,
    attempts: html`<div id="run-attempts">${renderAttempts(run.attempts, run.executionId, view)}</div>`,
  };
}

/** Links only: what is live is drawn once for all who look. */
export function renderActions(run: RunDetail, view: ViewContext): Html {
  if (!mayVisitor(view, 'operator')) return html`<span id="run-actions"></span>`;
  const text = RUN_TEXT[view.lang];
  const isRunning = isLive(run.status);
  return html`<span id="run-actions">
    ${
      isRunning
        ? html`<a class="button button-danger" href="${toRunLink(run.executionId)}/stop">${text.stop}</a>`
        : html`<a class="button button-primary" href="${toRunAgainLink([run.executionId])}">${text.again}</a>`
    }
  </span>`;
}

export function renderRunPicture(view: ViewContext, run: RunDetail): LivePicture {
  const parts = renderParts(run, run.windows.length === pickWindows(run.windows).length, view);
  return {
    fragments: [
      buildFragment('run-head', parts.head),
      buildFragment('run-actions', renderActions(run, view)),
      buildFragment('run-trouble', parts.trouble),
      buildFragment('run-counters', parts.counters),
      buildFragment('run-windows', parts.windows),
      buildFragment('run-timeline', parts.timeline),
      buildFragment('run-attempts', parts.attempts),
    ],
    isOver: !isLive(run.status),
  };
}
