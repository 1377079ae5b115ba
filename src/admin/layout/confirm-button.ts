import { html } from 'hono/html';
import { renderCsrf } from './csrf.ts';
import type { Html } from './html.ts';
import { NOTHING } from './html.ts';
import type { ViewContext } from './view-context.ts';

export interface ConfirmButton {
  readonly action: string;
  readonly label: string;
  /** Asked by the script before the form is sent; with scripts off the form is sent at once. */
  readonly question?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly tone?: 'primary' | 'danger' | 'plain';
}

/** A form of one button. */
export function renderConfirmButton(view: ViewContext, button: ConfirmButton): Html {
  const { action, label, question, fields = {}, tone = 'plain' } = button;
  return html`<form
    class="inline"
    method="post"
    action="${action}"
    ${question === undefined ? NOTHING : html`data-confirm="${question}"`}
  >
    ${renderCsrf(view)}${Object.entries(fields).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}
    <button class="button button-${tone}">${label}</button>
  </form>`;
}
