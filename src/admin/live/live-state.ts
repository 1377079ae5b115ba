import { html } from 'hono/html';
import { toSeoulTime } from '../../domain/seoul-time.ts';
import type { Html } from '../layout/html.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { defineText } from '../text/define-text.ts';

const LIVE_TEXT = defineText({
  en: {
    asOf: (time: string) => `As of ${time} KST`,
    live: 'Live',
    lost: 'Connection lost: these are the last figures. Trying again.',
    over: 'Finished',
    refresh: 'Refresh',
  },
  ko: {
    asOf: (time: string) => `${time} KST 기준`,
    live: '실시간',
    lost: '연결이 끊겼습니다. 마지막으로 받은 값이며, 다시 연결하는 중입니다.',
    over: '끝남',
    refresh: '새로 고침',
  },
});

/** Says whether a page with a `live` address is being kept up; without scripts, of when it is and how to get it anew. */
export function renderLiveState(view: ViewContext): Html {
  const text = LIVE_TEXT[view.lang];
  const time = toSeoulTime(view.nowMs).slice(11);
  return html`<div
    class="live-state"
    role="status"
    data-live-state
    data-when-live="${text.live}"
    data-when-lost="${text.lost}"
    data-when-over="${text.over}"
  >
    <span data-live-word>${text.asOf(time)}</span>
    <a class="live-refresh" href="${view.path}${view.url.search}">${text.refresh}</a>
  </div>`;
}
