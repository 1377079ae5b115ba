import { html } from 'hono/html';
import type { Html } from './html.ts';
import { NOTHING } from './html.ts';

/** A part of a page under its own heading. */
export function renderPanel(title: string, body: Html, actions: Html = NOTHING): Html {
  return html`<section class="panel">
    <div class="panel-head">
      <h2>${title}</h2>
      <div class="panel-actions">${actions}</div>
    </div>
    ${body}
  </section>`;
}
