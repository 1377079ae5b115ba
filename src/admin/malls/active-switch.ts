import { html } from 'hono/html';
import type { MallBoardRow } from '../../adapters/postgres/read-models/mall-board.ts';
import { renderConfirmButton } from '../layout/confirm-button.ts';
import { renderCsrf } from '../layout/csrf.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { MALLS_TEXT } from './text.ts';

type Switched = Pick<MallBoardRow, 'mallId' | 'name' | 'active'>;

/** On the page of the mall itself. */
export function renderActiveSwitch({ mallId, name, active }: Switched, view: ViewContext): Html {
  const text = MALLS_TEXT[view.lang];
  return renderConfirmButton(view, {
    action: `/malls/${mallId}/active`,
    label: active ? text.deactivate : text.activate,
    ...(active && { question: text.askDeactivate(name) }),
    fields: { active: active ? '0' : '1' },
  });
}

/** In a row of the list, to which it leads back; the mall's name tells it from the other rows' buttons. */
export function renderRowSwitch({ mallId, name, active }: Switched, view: ViewContext): Html {
  const text = MALLS_TEXT[view.lang];
  const question = active ? html`data-confirm="${text.askDeactivate(name)}"` : NOTHING;
  return html`<form class="inline" method="post" action="/malls/${mallId}/active" ${question}>
    ${renderCsrf(view)}<input type="hidden" name="active" value="${active ? '0' : '1'}" />
    <input type="hidden" name="list" value="${view.url.search}" />
    <button class="button button-small">
      ${active ? text.deactivate : text.activate}<span class="hidden"> ${name}</span>
    </button>
  </form>`;
}
