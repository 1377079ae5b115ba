import { html } from 'hono/html';
import { renderField } from '../layout/field.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderLanguages } from '../layout/languages.ts';
import { renderNotice } from '../layout/notice.ts';
import { renderBarePage } from '../layout/page.ts';
import type { Lang } from '../text/lang.ts';
import { SIGN_IN_TEXT } from './text.ts';

export interface SignInView {
  readonly lang: Lang;
  readonly next: string;
  readonly name: string;
  readonly isWrong: boolean;
  /** Whether names and passwords are taken at all. */
  readonly hasUsers: boolean;
}

export function renderSignIn(view: SignInView): Html {
  const text = SIGN_IN_TEXT[view.lang];
  const body = html`<div class="card-narrow">
    <p class="brand"><span class="brand-mark" aria-hidden="true"></span>mallsync</p>
    <h1>${text.title}</h1>
    <p class="intro">${text.lead}</p>
    ${view.isWrong ? renderNotice('bad', text.wrong) : NOTHING}
    ${view.hasUsers ? renderForm(view) : renderNotice('idle', text.byProxy)}
    ${renderLanguages(view.lang, `/sign-in?${new URLSearchParams({ next: view.next }).toString()}`, null)}
  </div>`;
  return renderBarePage(view, text.title, body);
}

function renderForm({ lang, next, name }: SignInView): Html {
  const text = SIGN_IN_TEXT[lang];
  return html`<form class="form" method="post" action="/sign-in">
    <input type="hidden" name="next" value="${next}" />
    ${renderField({ name: 'name', label: text.name, value: name, required: true, autocomplete: 'username' })}
    ${renderField({
      name: 'password',
      label: text.password,
      type: 'password',
      required: true,
      autocomplete: 'current-password',
    })}
    <button class="button button-primary">${text.submit}</button>
  </form>`;
}
