import { html } from 'hono/html';
import type { NightPicture } from '../../adapters/postgres/read-models/night-picture.ts';
import { DAY_MS, parseSeoulTime, toSeoulDay } from '../../domain/seoul-time.ts';
import type { Html } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { RUNS_TEXT } from './text.ts';

type HistoryNight = NightPicture['history'][number];

const BAR = { width: 14, gap: 6, height: 56 } as const;
/** A night with failures shows them, however many were done beside. */
const LEAST_PART = 3;

/** A bar a night, oldest first: what was done, and on top of it what failed. The same in words for those who see no bars. */
export function renderHistory(history: readonly HistoryNight[], view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  const nights = [...history].sort((a, b) => a.night.localeCompare(b.night));
  const most = Math.max(1, ...nights.map(({ done, failed }) => done + failed));
  const width = nights.length * (BAR.width + BAR.gap) - BAR.gap;
  return html`<figure class="night-history">
    <figcaption>${text.history}</figcaption>
    <svg
      viewBox="0 0 ${width} ${BAR.height}"
      width="${width}"
      height="${BAR.height}"
      aria-hidden="true"
      focusable="false"
    >
      ${nights.map((night, index) => renderBar(night, { index, most, title: toSentence(night, view) }))}
    </svg>
    <ul class="hidden">
      ${nights.map((night) => html`<li>${toSentence(night, view)}</li>`)}
    </ul>
  </figure>`;
}

interface Place {
  readonly index: number;
  readonly most: number;
  readonly title: string;
}

function renderBar({ done, failed }: HistoryNight, { index, most, title }: Place): Html {
  const x = index * (BAR.width + BAR.gap);
  const failedHeight = failed === 0 ? 0 : Math.max(LEAST_PART, Math.round((failed / most) * BAR.height));
  const doneHeight = Math.min(BAR.height - failedHeight, Math.round((done / most) * BAR.height));
  const doneTop = BAR.height - doneHeight;
  return html`<g>
    <title>${title}</title>
    <rect class="bar-ground" x="${x}" y="0" width="${BAR.width}" height="${BAR.height}"></rect>
    <rect class="bar-done" x="${x}" y="${doneTop}" width="${BAR.width}" height="${doneHeight}"></rect>
    <rect
      class="bar-failed"
      x="${x}"
      y="${doneTop - failedHeight}"
      width="${BAR.width}"
      height="${failedHeight}"
    ></rect>
  </g>`;
}

function toSentence({ night, done, failed }: HistoryNight, view: ViewContext): string {
  return RUNS_TEXT[view.lang].historyNight(night, toNumberText(done), toNumberText(failed));
}

/** The day so many days after another one. */
export function addDays(day: string, days: number): string {
  const startMs = parseSeoulTime(`${day}T00:00:00`) ?? Number.NaN;
  return toSeoulDay(startMs + days * DAY_MS);
}
