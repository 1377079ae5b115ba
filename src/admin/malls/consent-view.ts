import { html } from 'hono/html';
import type { MallCredential, MallDetail } from '../../adapters/postgres/read-models/mall-board.ts';
import type { MallListing } from '../../adapters/postgres/mall-store.ts';
import { renderCsrf } from '../layout/csrf.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderTime, renderAge } from '../layout/time.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { mayVisitor } from '../layout/view-context.ts';
import { DETAIL_TEXT } from './detail-text.ts';
import { renderCredential } from './freshness-view.ts';

export interface ConsentPanel {
  readonly board: MallDetail;
  readonly listing: MallListing;
  readonly redirectUri: string | null;
}

/** How the consent stands, without any secret, and the way to renew it. */
export function renderConsent(view: ViewContext, panel: ConsentPanel): Html {
  const { board, listing } = panel;
  const text = DETAIL_TEXT[view.lang];
  const { credential } = board;
  return html`<dl class="details-list">
      <dt>${text.state}</dt>
      <dd>${renderCredential(credential, view)}</dd>
      ${
        credential === null
          ? NOTHING
          : html`<dt>${text.clientId}</dt>
              <dd><code>${listing.credential?.clientId ?? ''}</code></dd>
              ${renderUntil(view, credential)}
              <dt>${text.refreshed}</dt>
              <dd>${renderAge(credential.lastRefreshedAtMs, view)}</dd>`
      }
    </dl>
    <p class="hint">${describe(view, board)}</p>
    ${credential === null ? NOTHING : renderAuthorize(view, panel)}`;
}

/** A consent that is lost is valid no longer, whatever its token's date says. */
function renderUntil(view: ViewContext, { state, refreshExpiresAtMs }: MallCredential): Html {
  if (state !== 'ACTIVE') return NOTHING;
  return html`<dt>${DETAIL_TEXT[view.lang].until}</dt>
    <dd>${renderTime(refreshExpiresAtMs, view)}</dd>`;
}

function describe(view: ViewContext, { credential }: MallDetail): string {
  const text = DETAIL_TEXT[view.lang];
  if (credential === null) return text.noClient;
  if (credential.state === 'UNINSTALLED') return text.uninstalled;
  return credential.state === 'ACTIVE' ? text.standing : text.needsConsent;
}

function renderAuthorize(view: ViewContext, { board, redirectUri }: ConsentPanel): Html {
  const text = DETAIL_TEXT[view.lang];
  if (!mayVisitor(view, 'admin')) return html`<p class="hint">${text.needsAdmin}</p>`;
  if (redirectUri === null) return html`<p class="hint">${text.noRedirect}</p>`;
  const isStanding = board.credential?.state === 'ACTIVE';
  return html`<form class="actions" method="post" action="/malls/${board.mallId}/authorize">
    ${renderCsrf(view)}<button class="button ${isStanding ? '' : 'button-primary'}">
      ${isStanding ? text.authorizeAgain : text.authorize}</button
    ><span class="hint">${text.whereBack(redirectUri)}</span>
  </form>`;
}
