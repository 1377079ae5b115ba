import { html } from 'hono/html';
import type { Html } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import { renderTiles } from '../layout/tiles.ts';
import type { LivePicture } from '../live/channel.ts';
import { buildFragment } from '../live/fragment.ts';
import { renderLiveState } from '../live/live-state.ts';
import { renderBudgets } from './budget-view.ts';
import { findHoldUp } from './hold-up.ts';
import type { NowData } from './load.ts';
import { renderQueue } from './queue-view.ts';
import { renderRunning } from './running-view.ts';
import { NOW_TEXT } from './text.ts';

export function renderNow(data: NowData, view: ViewContext): Html {
  const text = NOW_TEXT[view.lang];
  return html`${renderPageHead(text.title, { actions: renderLiveState(view) })}
    <div class="hidden" role="status">${renderSummary(data, view)}</div>
    ${renderTotals(data, view)} ${renderPanel(text.running, renderRunning(data, view))}
    ${renderPanel(text.queue, renderQueue(data, view))} ${renderPanel(text.budgets, renderBudgets(data, view))}`;
}

export function renderNowLive(view: ViewContext, data: NowData): LivePicture {
  return {
    isOver: false,
    fragments: [
      buildFragment('now-summary', renderSummary(data, view)),
      buildFragment('now-totals', renderTotals(data, view)),
      buildFragment('now-running', renderRunning(data, view)),
      buildFragment('now-queue', renderQueue(data, view)),
      buildFragment('now-budgets', renderBudgets(data, view)),
    ],
  };
}

/** For screen readers: it changes only when a run begins or ends. */
function renderSummary({ board }: NowData, view: ViewContext): Html {
  const words = NOW_TEXT[view.lang].summary(toNumberText(board.runningTotal), toNumberText(board.waitingTotal));
  return html`<p id="now-summary">${words}</p>`;
}

function renderTotals({ board, rates, atMs }: NowData, view: ViewContext): Html {
  const text = NOW_TEXT[view.lang];
  const rate = [...rates.values()].reduce<number>((sum, each) => sum + (each ?? 0), 0);
  const held = board.running.filter((run) => findHoldUp(run, board.budgets, atMs) !== null).length;
  const { pending, accepted } = board.requests;
  return html`<div id="now-totals">
    ${renderTiles([
      { label: text.running, value: toNumberText(board.runningTotal), tone: 'busy', href: '#now-running' },
      { label: text.waiting, value: toNumberText(board.waitingTotal), note: text.waitingNote, href: '#now-queue' },
      { label: text.rate, value: toNumberText(Math.round(rate)), note: text.rateNote },
      { label: text.held, value: toNumberText(held), note: text.heldNote, ...(held > 0 && { tone: 'warn' as const }) },
      {
        label: text.requests,
        value: toNumberText(pending),
        note: text.requestsNote(toNumberText(accepted)),
        href: '/requests',
      },
    ])}
  </div>`;
}
