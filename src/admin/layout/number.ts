import { html } from 'hono/html';
import type { Html } from './html.ts';

const FORMAT = new Intl.NumberFormat('en-US');

export function toNumberText(value: number): string {
  return FORMAT.format(value);
}

/** With thousands divided, in figures of one width; a dash for null. */
export function renderNumber(value: number | null): Html {
  return value === null ? html`<span class="none">–</span>` : html`<span class="num">${FORMAT.format(value)}</span>`;
}
