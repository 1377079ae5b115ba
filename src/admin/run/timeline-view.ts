import { html } from 'hono/html';
import type { RunEvent, RetryMention } from '../../adapters/postgres/read-models/run-timeline.ts';
import { toSeoulTime } from '../../domain/seoul-time.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import { renderStatus } from '../layout/status.ts';
import { toDurationText } from '../layout/time.ts';
import { toRunLink } from '../runs/run-links.ts';
import { RUN_TEXT } from './text.ts';

/** Windows are told one by one only while they are few. */
const MOST_WINDOWS = 8;

export function renderTimeline(events: readonly RunEvent[], view: ViewContext): Html {
  const shown = foldWindows(events);
  return renderPanel(
    RUN_TEXT[view.lang].timeline,
    html`<ol class="timeline">
      ${shown.map((event, index) => renderEvent(event, shown[index - 1], view))}
    </ol>`,
  );
}

/** Many settled windows in a row become one event at the time of the last. */
export function foldWindows(events: readonly RunEvent[]): readonly RunEvent[] {
  const windows = events.filter(isOfWindows);
  const last = windows.at(-1);
  if (windows.length <= MOST_WINDOWS || last === undefined) return events;
  const count = windows.reduce((sum, event) => sum + (event.kind === 'windowsSettled' ? event.count : 1), 0);
  return events.flatMap((event): readonly RunEvent[] => {
    if (!isOfWindows(event)) return [event];
    return event === last ? [{ kind: 'windowsSettled', atMs: last.atMs, count }] : [];
  });
}

type WindowEvent = Extract<RunEvent, { readonly kind: 'windowSettled' | 'windowsSettled' }>;

function isOfWindows(event: RunEvent): event is WindowEvent {
  return event.kind === 'windowSettled' || event.kind === 'windowsSettled';
}

function renderEvent(event: RunEvent, before: RunEvent | undefined, view: ViewContext): Html {
  const gap = before === undefined ? 0 : (event.atMs - before.atMs) / 1_000;
  return html`<li class="timeline-${event.kind}">
    ${renderSecond(event.atMs)} <span class="timeline-what">${describe(event, view)}</span>
    ${gap < 1 ? NOTHING : html`<span class="under-inline">+${toDurationText(gap, view)}</span>`}
  </li>`;
}

function renderSecond(ms: number): Html {
  const local = toSeoulTime(ms);
  const [day = '', time = ''] = local.split('T');
  return html`<time datetime="${local}+09:00" title="${day} ${time} Asia/Seoul (KST)">${day} ${time}</time>`;
}

function describe(event: RunEvent, view: ViewContext): Html | string {
  const text = RUN_TEXT[view.lang];
  switch (event.kind) {
    case 'requested':
      return event.requestedBy === '' ? text.requested : `${text.requested}: ${event.requestedBy}`;
    case 'launched':
      return event.jobName === null ? text.launched : `${text.launched}: ${event.jobName}`;
    case 'started':
      return text.started;
    case 'windowSettled':
      return `${text.windowSettled(event.n)}: ${text[`state${event.state}`]}`;
    case 'windowsSettled':
      return text.windowsSettled(toNumberText(event.count));
    case 'ended':
      return html`${text.ended} ${renderStatus(event.status, view)} ${event.reason ?? ''}`;
    case 'retryRequested':
      return describeMention(event, view);
    default:
      return event satisfies never;
  }
}

function describeMention(
  { key, requestKind, requestedBy, reason, executionId, result }: RetryMention,
  view: ViewContext,
): Html {
  const text = RUN_TEXT[view.lang];
  const words = [requestedBy, reason, result ?? ''].filter((word) => word !== '').join(' · ');
  const run =
    executionId === null ? NOTHING : html` → <a href="${toRunLink(executionId)}">${text.title(executionId)}</a>`;
  return html`<a href="/requests/${encodeURIComponent(key)}">${text[`kind${requestKind}`]}</a
    >${words === '' ? '' : `: ${words}`}${run}`;
}
