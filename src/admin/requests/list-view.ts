import { html } from 'hono/html';
import type { ClickPage, ClickSummary } from '../../adapters/postgres/read-models/request-list.ts';
import type { RequestState } from '../../adapters/postgres/retry-request.ts';
import { REQUEST_STATES } from '../../adapters/postgres/retry-request.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNumber, toNumberText } from '../layout/number.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPage } from '../layout/page.ts';
import type { Tone } from '../layout/status.ts';
import { renderBadge } from '../layout/status.ts';
import { renderTable } from '../layout/table.ts';
import { renderTime, toPeriodText } from '../layout/time.ts';
import { toLink } from '../layout/view-context.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { toClickLink } from './click-links.ts';
import type { ClickListQuery } from './query.ts';
import { REQUESTS_TEXT } from './text.ts';

const TONES: Record<RequestState, Tone> = { PENDING: 'idle', ACCEPTED: 'busy', DONE: 'good', REFUSED: 'bad' };
const MOST_PERIODS = 3;

export function renderClickList(view: ViewContext, page: ClickPage, query: ClickListQuery): Html {
  const text = REQUESTS_TEXT[view.lang];
  return renderPage(view, {
    title: text.title,
    nav: 'requests',
    body: html`${renderPageHead(text.title, { intro: text.intro })} ${renderStates(view, query)}
    ${renderTable<ClickSummary>({
      caption: text.title,
      empty: renderEmpty(view),
      rows: page.clicks,
      columns: [
        { title: text.asked, isHeading: true, toCell: (click) => renderAsked(view, click) },
        { title: text.kind, toCell: (click) => renderWhat(view, click) },
        { title: text.by, toCell: ({ requestedBy }) => requestedBy },
        { title: text.malls, align: 'right', toCell: (click) => renderNumber(countItems(click)) },
        { title: text.progress, toCell: (click) => renderTally(view, click) },
        { title: text.state, toCell: ({ state, tally }) => renderState(view, state, tally.failed) },
      ],
    })}
    ${renderSteps(view, page, query)}`,
  });
}

function renderStates(view: ViewContext, { state }: ClickListQuery): Html {
  const text = REQUESTS_TEXT[view.lang];
  const current = state?.length === 1 ? state[0] : undefined;
  const toStep = (value: RequestState | null, word: string): Html => {
    const isCurrent = (value ?? undefined) === current;
    const href = toLink(view, { state: value, before: null });
    return html`<a class="button" href="${href}" ${isCurrent ? html`aria-current="page"` : NOTHING}>${word}</a>`;
  };
  return html`<nav class="tabs" aria-label="${text.filter}">
    ${toStep(null, text.all)} ${REQUEST_STATES.map((each) => toStep(each, text[each]))}
  </nav>`;
}

function renderAsked(view: ViewContext, { key, requestedAtMs }: ClickSummary): Html {
  return html`<a href="${toClickLink(key)}">${renderTime(requestedAtMs, view)}</a>`;
}

function renderWhat(view: ViewContext, { kind, requests, reason }: ClickSummary): Html {
  const text = REQUESTS_TEXT[view.lang];
  const periods = requests
    .slice(0, MOST_PERIODS)
    .map(
      ({ domainType, startDate, endDate }) =>
        html`<span class="under">${DOMAIN_WORDS[view.lang][domainType]} ${toPeriodText(startDate, endDate)}</span>`,
    );
  const rest = requests.length - periods.length;
  return html`${text[kind]}
  ${reason === '' ? NOTHING : html`<span class="under">${text.reason(reason)}</span>`}${periods}${
    rest > 0 ? html`<span class="under">${text.moreRequests(rest)}</span>` : NOTHING
  }`;
}

function countItems({ requests }: ClickSummary): number {
  return requests.reduce((sum, { malls }) => sum + malls, 0);
}

function renderTally(view: ViewContext, click: ClickSummary): Html {
  const text = REQUESTS_TEXT[view.lang];
  const { done, failed, refused } = click.tally;
  const bad = failed + refused;
  const over = toNumberText(done + bad);
  return html`${text.summary(over, toNumberText(countItems(click)))}${
    bad === 0 ? NOTHING : html`<span class="under">${text.summaryFailed(toNumberText(bad))}</span>`
  }`;
}

function renderState(view: ViewContext, state: RequestState, failed: number): Html {
  const tone = state === 'DONE' && failed > 0 ? 'warn' : TONES[state];
  return renderBadge(tone, REQUESTS_TEXT[view.lang][state]);
}

function renderSteps(view: ViewContext, { nextBeforeId }: ClickPage, { before }: ClickListQuery): Html {
  const text = REQUESTS_TEXT[view.lang];
  if (before === undefined && nextBeforeId === null) return NOTHING;
  return html`<nav class="pager" aria-label="${text.title}">
    ${before === undefined ? NOTHING : html`<a class="button" href="${toLink(view, { before: null })}">${text.newest}</a>`}
    ${
      nextBeforeId === null
        ? NOTHING
        : html`<a class="button" rel="next" href="${toLink(view, { before: String(nextBeforeId) })}">${text.older}</a>`
    }
  </nav>`;
}

function renderEmpty(view: ViewContext): Html {
  const text = REQUESTS_TEXT[view.lang];
  return html`<p>${text.empty}</p>
    <p>${text.emptyHelp}</p>
    <p><a class="button" href="/runs">${text.runs}</a> <a class="button" href="/new">${text.newRun}</a></p>`;
}
