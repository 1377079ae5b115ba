import { html } from 'hono/html';
import type { Html } from './html.ts';
import type { ViewContext } from './view-context.ts';

/** Belongs into every form with method post. */
export function renderCsrf(view: Pick<ViewContext, 'visitor'>): Html {
  return html`<input type="hidden" name="csrf" value="${view.visitor.csrfToken}" />`;
}
