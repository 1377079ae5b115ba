import { html } from 'hono/html';
import { parsePeriod } from '../../domain/period.ts';
import { SECOND_MS, startOfSeoulDay, toSeoulDay, toSeoulTime } from '../../domain/seoul-time.ts';
import type { Lang } from '../text/lang.ts';
import type { Html } from './html.ts';
import { LAYOUT_TEXT } from './layout-text.ts';

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** Day and minute in Asia/Seoul; the second and the zone in the title. A dash for null. */
export function renderTime(ms: number | null, _view: { readonly lang: Lang }): Html {
  if (ms === null) return html`<span class="none">–</span>`;
  const local = toSeoulTime(ms);
  const [day = '', time = ''] = local.split('T');
  return html`<time datetime="${local}+09:00" title="${day} ${time} Asia/Seoul (KST)"
    >${day} ${time.slice(0, 5)}</time
  >`;
}

/** How long ago or until, e.g. `3 h ago`, with the time itself in its title. */
export function renderAge(ms: number | null, view: { readonly lang: Lang; readonly nowMs: number }): Html {
  if (ms === null) return html`<span class="none">–</span>`;
  const local = toSeoulTime(ms);
  const text = LAYOUT_TEXT[view.lang];
  const length = toDurationText(Math.abs(view.nowMs - ms) / 1_000, view);
  const title = `${local.replace('T', ' ')} Asia/Seoul (KST)`;
  return html`<time datetime="${local}+09:00" title="${title}"
    >${ms <= view.nowMs ? text.ago(length) : text.in(length)}</time
  >`;
}

/** The two largest units that matter: `2 d 3 h`, `14 min`, `8 s`. */
export function toDurationText(seconds: number, view: { readonly lang: Lang }): string {
  const text = LAYOUT_TEXT[view.lang];
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE_S) return text.seconds(whole);
  if (whole < HOUR_S) return join(text.minutes(Math.floor(whole / MINUTE_S)), whole % MINUTE_S, text.seconds);
  if (whole < DAY_S) {
    return join(text.hours(Math.floor(whole / HOUR_S)), Math.floor((whole % HOUR_S) / MINUTE_S), text.minutes);
  }
  return join(text.days(Math.floor(whole / DAY_S)), Math.floor((whole % DAY_S) / HOUR_S), text.hours);
}

function join(large: string, rest: number, toText: (n: number) => string): string {
  return rest === 0 ? large : `${large} ${toText(rest)}`;
}

/** A stored period, as given. Whole days are shown as days, the last one included, however their end is spelled. */
export function toPeriodText(startDate: string, endDate: string): string {
  const { fromMs, untilMs } = parsePeriod(startDate, endDate);
  if (startOfSeoulDay(fromMs) !== fromMs || startOfSeoulDay(untilMs) !== untilMs) {
    return `${startDate.replace('T', ' ')} – ${endDate.replace('T', ' ')}`;
  }
  const [first, last] = [toSeoulDay(fromMs), toSeoulDay(untilMs - SECOND_MS)];
  return first === last ? first : `${first} – ${last}`;
}
