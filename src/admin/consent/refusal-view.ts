import { html } from 'hono/html';
import type { Html } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/view-context.ts';
import type { ConsentRefusal } from './consent-refusal.ts';
import { CONSENT_TEXT } from './text.ts';

export function renderRefusal(view: ViewContext, { kind, mallId }: ConsentRefusal): Html {
  const text = CONSENT_TEXT[view.lang];
  const link =
    mallId === null
      ? html`<a class="button" href="/malls">${text.malls}</a>`
      : html`<a class="button" href="/malls/${mallId}">${text.mall}</a>`;
  return html`${renderPageHead(text.title)} ${renderNotice('bad', `${text[kind]} ${text.unchanged}`)}
    <p class="page-end">${link}</p>`;
}
