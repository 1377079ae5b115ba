import { html } from 'hono/html';
import type { Html } from './html.ts';
import { NOTHING } from './html.ts';
import { LAYOUT_TEXT } from './layout-text.ts';
import type { ViewContext } from './view-context.ts';
import { toLink } from './view-context.ts';

export interface Cursors {
  readonly previous: string | null;
  readonly next: string | null;
}

/** Links to the pages beside this one; nothing where there is only one. @param parameter of the query that holds the cursor */
export function renderPager(view: ViewContext, cursors: Cursors, parameter = 'cursor'): Html {
  const { previous, next } = cursors;
  if (previous === null && next === null) return NOTHING;
  const text = LAYOUT_TEXT[view.lang];
  return html`<nav class="pager" aria-label="${text.pages}">
    ${renderStep(view, parameter, previous, text.previous, 'prev')}
    ${renderStep(view, parameter, next, text.next, 'next')}
  </nav>`;
}

function renderStep(view: ViewContext, parameter: string, cursor: string | null, word: string, rel: string): Html {
  return cursor === null
    ? html`<span class="button button-off" aria-disabled="true">${word}</span>`
    : html`<a class="button" rel="${rel}" href="${toLink(view, { [parameter]: cursor })}">${word}</a>`;
}
