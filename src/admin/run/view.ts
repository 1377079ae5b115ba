import { html } from 'hono/html';
import type { RunDetail } from '../../adapters/postgres/read-models/run-detail.ts';
import { toSeoulDay } from '../../domain/seoul-time.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/page.ts';
import { toPeriodText } from '../layout/time.ts';
import { renderLiveState } from '../live/live-state.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { renderErrorGroups } from './error-view.ts';
import { renderLook } from './look-view.ts';
import { renderParameters } from './parameter-view.ts';
import { renderActions, renderParts } from './state-view.ts';
import { RUN_TEXT } from './text.ts';

export interface RunPage {
  readonly run: RunDetail;
  /** All windows, also when they are many. */
  readonly isWhole: boolean;
  /** Its events keep the page up. */
  readonly isFollowed: boolean;
  readonly clickKey: string;
  /** For commands about a run that names none itself. */
  readonly namespace: string | null;
}

export function renderRun({ run, isWhole, isFollowed, clickKey, namespace }: RunPage, view: ViewContext): Html {
  const text = RUN_TEXT[view.lang];
  const parts = renderParts(run, isWhole, view);
  const { executionId, errorGroups: groups } = run;
  return html`${renderPageHead(html`${text.title(executionId)} ${parts.head}`, {
      up: { href: '/runs', label: text.runs },
      intro: renderSubject(run, view),
      actions: renderActions(run, view),
    })}
    ${isFollowed ? renderLiveState(view) : NOTHING} ${parts.trouble} ${parts.counters}
    <div class="grid-2">${renderParameters(run, view)} ${parts.timeline}</div>
    ${parts.windows} ${renderErrorGroups({ executionId, groups, clickKey }, view)} ${parts.attempts}
    ${renderLook(run, namespace, view)}`;
}

function renderSubject(run: RunDetail, view: ViewContext): Html {
  const { mallId, mallName, cafe24MallId, domainType, startDate, endDate, period } = run;
  const month = toSeoulDay(period.fromMs).slice(0, 7);
  const coverage = `/malls/${mallId}/coverage/${domainType}?month=${month}`;
  return html`<a href="/malls/${mallId}">${mallName === '' ? cafe24MallId : mallName}</a>
    · ${DOMAIN_WORDS[view.lang][domainType]} · ${toPeriodText(startDate, endDate)} ·
    <a href="${coverage}">${RUN_TEXT[view.lang].coverageLink}</a>`;
}
