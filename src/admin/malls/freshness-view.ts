import { html } from 'hono/html';
import type { MallCredential, MallFreshness } from '../../adapters/postgres/read-models/mall-board.ts';
import { SECOND_MS, toSeoulDay, toSeoulTime } from '../../domain/seoul-time.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderBadge, renderCredentialState } from '../layout/status.ts';
import { toDurationText } from '../layout/time.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { MALLS_TEXT } from './text.ts';

const HOUR_S = 3_600;
/** A refresh token lives 14 days and each run renews it, so a week without one is worth a look. */
const FEW_DAYS = 5;

/** Each domain type with the last day that is complete. */
export function renderFreshness(freshness: readonly MallFreshness[], view: ViewContext): Html {
  return html`<ul class="freshness">
    ${freshness.map(
      (each) =>
        html`<li>
          <span class="freshness-domain">${DOMAIN_WORDS[view.lang][each.domainType]}</span>
          ${renderCompleteDay(each, view)}
          ${each.isLate ? renderBadge('bad', MALLS_TEXT[view.lang].lateBadge) : NOTHING}
        </li>`,
    )}
  </ul>`;
}

/** The last complete day, the age of its end in the title. */
export function renderCompleteDay({ lastCompleteEndMs, ageHours }: MallFreshness, view: ViewContext): Html {
  if (lastCompleteEndMs === null) return html`<span class="none">${MALLS_TEXT[view.lang].never}</span>`;
  const age = ageHours === null ? '' : ` · ${toDurationText(ageHours * HOUR_S, view)}`;
  const title = `${toSeoulTime(lastCompleteEndMs).replace('T', ' ')} Asia/Seoul (KST)${age}`;
  const day = toSeoulDay(lastCompleteEndMs - SECOND_MS);
  return html`<time class="num" datetime="${day}" title="${title}">${day}</time>`;
}

export function renderCredential(credential: MallCredential | null, view: ViewContext): Html {
  const text = MALLS_TEXT[view.lang];
  if (credential === null) return renderBadge('warn', text.noCredential);
  const { state, daysLeft } = credential;
  if (state !== 'ACTIVE' || daysLeft === null) return renderCredentialState(state, view);
  const note = html`<span class="${daysLeft <= FEW_DAYS ? 'under days-few' : 'under'}"
    >${text.daysLeft(daysLeft)}</span
  >`;
  return html`${renderCredentialState(state, view)} ${note}`;
}
