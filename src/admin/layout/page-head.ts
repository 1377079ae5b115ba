import { html } from 'hono/html';
import type { Html } from './html.ts';
import { NOTHING } from './html.ts';

export interface PageHead {
  readonly intro?: Html | string;
  /** Buttons beside the heading. */
  readonly actions?: Html;
  /** The page that this one hangs under. */
  readonly up?: { readonly href: string; readonly label: string };
}

/** The page's one h1 and what stands beside it. */
export function renderPageHead(title: Html | string, { intro, actions, up }: PageHead = {}): Html {
  return html`<div class="page-head">
    <div class="page-title">
      ${up === undefined ? NOTHING : html`<a class="up" href="${up.href}">← ${up.label}</a>`}
      <h1>${title}</h1>
      ${intro === undefined ? NOTHING : html`<p class="intro">${intro}</p>`}
    </div>
    ${actions === undefined ? NOTHING : html`<div class="page-actions">${actions}</div>`}
  </div>`;
}
