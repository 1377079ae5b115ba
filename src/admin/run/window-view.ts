import { html } from 'hono/html';
import type { WindowRecord } from '../../adapters/postgres/status-reader.ts';
import { toSeoulTime } from '../../domain/seoul-time.ts';
import type { WindowState } from '../../domain/window.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNumber, toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import { renderBadge, type Tone } from '../layout/status.ts';
import type { Column } from '../layout/table.ts';
import { renderTable } from '../layout/table.ts';
import { RUN_TEXT } from './text.ts';

/** More than these are shown only when asked for; those that are not complete come first. */
const MOST_SHOWN = 40;

const TONES: Readonly<Record<WindowState, Tone>> = {
  UNSPLIT: 'idle',
  OPEN: 'busy',
  COMPLETE: 'good',
  COMPLETE_WITH_REJECTS: 'warn',
  INCOMPLETE: 'bad',
};

export function renderWindows(windows: readonly WindowRecord[], isWhole: boolean, view: ViewContext): Html {
  const text = RUN_TEXT[view.lang];
  const shown = isWhole ? windows : pickWindows(windows);
  const done = windows.filter(({ state }) => isSettled(state)).length;
  const hidden = windows.length - shown.length;
  const more = html`<p>
    ${text.windowsMore(toNumberText(hidden))}. <a href="?windows=all#windows">${text.windowsAll}</a>
  </p>`;
  const summary = html`<span class="list-count"
    >${text.windowsDone(toNumberText(done), toNumberText(windows.length))}</span
  >`;
  return html`<div id="windows">
    ${renderPanel(
      text.windows,
      html`${renderTable({ caption: text.windows, columns: buildColumns(view), rows: shown, empty: text.windowsNone })}
      ${hidden === 0 ? NOTHING : more}`,
      windows.length === 0 ? NOTHING : summary,
    )}
  </div>`;
}

function isSettled(state: WindowState): boolean {
  return state !== 'UNSPLIT' && state !== 'OPEN';
}

/** All when they are few, else those that are not plainly complete before those that are. */
export function pickWindows(windows: readonly WindowRecord[]): readonly WindowRecord[] {
  if (windows.length <= MOST_SHOWN) return windows;
  const remarkable = windows.filter(({ state }) => state !== 'COMPLETE');
  const rest = windows.filter(({ state }) => state === 'COMPLETE');
  const chosen = new Set([...remarkable, ...rest].slice(0, MOST_SHOWN));
  return windows.filter((window) => chosen.has(window));
}

function buildColumns(view: ViewContext): readonly Column<WindowRecord>[] {
  const text = RUN_TEXT[view.lang];
  return [
    { title: text.n, align: 'right', isHeading: true, toCell: ({ n }) => n },
    { title: text.bounds, toCell: (window) => renderBounds(window) },
    { title: text.shop, align: 'right', toCell: ({ shopNo }) => shopNo },
    { title: text.dateType, toCell: ({ dateType }) => dateType },
    { title: text.state, toCell: (window) => renderState(window, view) },
    { title: text.counted, align: 'right', toCell: (window) => renderCount(window, view) },
    { title: text.seen, align: 'right', toCell: (window) => renderSeen(window, view) },
    { title: text.rejected, align: 'right', toCell: ({ rejected }) => renderNumber(rejected === 0 ? null : rejected) },
    { title: text.rereads, align: 'right', toCell: ({ rereads }) => renderNumber(rereads === 0 ? null : rereads) },
  ];
}

function renderBounds({ fromMs, untilMs }: WindowRecord): Html {
  return html`<span class="num">${toMinute(fromMs)} – ${toMinute(untilMs)}</span>`;
}

function toMinute(ms: number): string {
  const local = toSeoulTime(ms).replace('T', ' ');
  return local.endsWith(':00') ? local.slice(0, 16) : local;
}

function renderState({ state, message }: WindowRecord, view: ViewContext): Html {
  const word = RUN_TEXT[view.lang][`state${state}`];
  return html`${renderBadge(TONES[state], word)}${message === null ? NOTHING : html`<span class="under">${message}</span>`}`;
}

/** The count before, and the one after where it differs. */
function renderCount({ countBefore, countAfter }: WindowRecord, view: ViewContext): Html {
  if (countBefore === null || countAfter === null || countBefore === countAfter) {
    return renderNumber(countAfter ?? countBefore);
  }
  const words = RUN_TEXT[view.lang].countedBoth(toNumberText(countBefore), toNumberText(countAfter));
  return html`${renderNumber(countAfter)}<span class="under">${words}</span>`;
}

/** Distinct rows against the API's count, with a bar where there is a count. */
function renderSeen({ countBefore, countAfter, distinctSeen: seen }: WindowRecord, view: ViewContext): Html {
  const counted = countAfter ?? countBefore;
  if (counted === null || counted === 0) return renderNumber(seen);
  const label = RUN_TEXT[view.lang].seenOf(toNumberText(seen), toNumberText(counted));
  return html`${renderNumber(seen)}<meter
      class="meter"
      min="0"
      max="${counted}"
      value="${Math.min(seen, counted)}"
      aria-label="${label}"
      title="${label}"
    ></meter>`;
}
