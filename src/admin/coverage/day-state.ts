import { html } from 'hono/html';
import type { DayState } from '../../adapters/postgres/read-models/calendar-days.ts';
import type { Html } from '../layout/html.ts';

/** Says the same as the colour of the day. */
const SIGNS: Readonly<Record<DayState, string>> = {
  complete: '✓',
  rejects: '!',
  partial: '◐',
  missing: '✕',
  future: '·',
  before: '–',
};

export function renderDaySign(state: DayState): Html {
  return html`<span class="day-sign" aria-hidden="true">${SIGNS[state]}</span>`;
}
