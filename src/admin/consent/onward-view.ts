import { html } from 'hono/html';
import type { Html } from '../layout/html.ts';
import { renderPageHead } from '../layout/page-head.ts';
import { renderBarePage } from '../layout/page.ts';
import type { Lang } from '../text/lang.ts';
import { CONSENT_TEXT } from './text.ts';

/**
 * Leads on to Cafe24's page at once. A redirect would not do: browsers hold the policy's form-action against every hop of
 * a form's redirects, and how many hosts Cafe24's log-in passes is not ours to know.
 */
export function renderOnward(view: { readonly lang: Lang }, url: string): Html {
  const text = CONSENT_TEXT[view.lang];
  const body = html`${renderPageHead(text.onward, { intro: text.onwardWhat })}
    <p class="page-end"><a class="button button-primary" href="${url}">${text.onwardLink}</a></p>`;
  return renderBarePage(view, text.onward, body, html`<meta http-equiv="refresh" content="0;url=${url}" />`);
}
