import { html } from 'hono/html';
import type { Html } from '../layout/html.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { renderDaySign } from './day-state.ts';
import type { CoverageStrip } from './load.ts';
import { COVERAGE_TEXT } from './text.ts';

/** The days in a row, each with its sign; a list for whoever does not see it, with the days that lack something named. */
export function renderCoverageStrip(view: ViewContext, { domainType, days }: CoverageStrip): Html {
  const text = COVERAGE_TEXT[view.lang];
  return html`<ol class="strip" aria-label="${text.strip(DOMAIN_WORDS[view.lang][domainType])}">
    ${days.map(
      ({ day, state }) =>
        html`<li class="strip-day day-${state}" title="${day}: ${text[state]}">
          ${renderDaySign(state)}<span class="hidden">${day}: ${text[state]}</span>
        </li>`,
    )}
  </ol>`;
}
