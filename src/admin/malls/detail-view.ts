import { html } from 'hono/html';
import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import type { MallFreshness } from '../../adapters/postgres/read-models/mall-board.ts';
import { toCoverageLink, toNewRunLink } from '../coverage/coverage-links.ts';
import type { CoverageStrip } from '../coverage/load.ts';
import { renderCoverageStrip } from '../coverage/strip-view.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { renderNumber, toNumberText } from '../layout/number.ts';
import { renderPageHead } from '../layout/page-head.ts';
import { renderPanel } from '../layout/panel.ts';
import { renderBadge, renderStatus } from '../layout/status.ts';
import { renderTable } from '../layout/table.ts';
import { renderAge, toPeriodText } from '../layout/time.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { mayVisitor } from '../layout/view-context.ts';
import { toFilterAgainLink, toRunLink, toRunsLink } from '../runs/run-links.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { renderActiveSwitch } from './active-switch.ts';
import { renderConsent } from './consent-view.ts';
import { DETAIL_TEXT } from './detail-text.ts';
import { renderCompleteDay } from './freshness-view.ts';
import type { MallFacts } from './load.ts';
import { renderSettings } from './settings-view.ts';
import { MALLS_TEXT } from './text.ts';

export interface MallPage extends MallFacts {
  readonly strips: readonly CoverageStrip[];
  readonly targetHours: number;
  readonly redirectUri: string | null;
}

export function renderMall(view: ViewContext, page: MallPage, notice: Html): Html {
  const { board } = page;
  const text = DETAIL_TEXT[view.lang];
  const freshness = renderPanel(text.freshness, renderDomains(view, page));
  const consent = renderPanel(text.consent, renderConsent(view, page));
  // what keeps a mall from being read comes first
  const isLost = board.credential?.state !== 'ACTIVE';
  return html`${renderPageHead(board.name, {
    up: { href: '/malls', label: MALLS_TEXT[view.lang].title },
    intro: `${board.mallId} · ${board.cafe24MallId}`,
    actions: renderActions(view, page),
  })}
  ${notice} ${board.active ? NOTHING : renderNotice('idle', text.inactive)}
  ${isLost ? html`${consent}${freshness}` : html`${freshness}${consent}`}
  ${renderPanel(text.recent, renderRuns(view, page), html`<a href="${toRunsLink({ mall: [board.mallId] })}">${text.runs}</a>`)}
  ${renderPanel(text.settings, renderSettings(view, page))}`;
}

function renderActions(view: ViewContext, { board, failedRuns }: MallPage): Html {
  const text = DETAIL_TEXT[view.lang];
  const again = html`<a
    class="button button-primary"
    href="${toFilterAgainLink({
      mall: [board.mallId],
      unmended: true,
    })}"
    >${text.again(toNumberText(failedRuns))}</a
  >`;
  const acts = html`${failedRuns > 0 ? again : NOTHING}
    <a class="button" href="${toNewRunLink(board.mallId)}">${text.newRun}</a>`;
  const administration = html`<a class="button" href="/malls/${board.mallId}/edit">${text.edit}</a>
    ${renderActiveSwitch(board, view)}`;
  return html`${mayVisitor(view, 'operator') ? acts : NOTHING} ${mayVisitor(view, 'admin') ? administration : NOTHING}`;
}

function renderDomains(view: ViewContext, { board, strips, targetHours }: MallPage): Html {
  const text = DETAIL_TEXT[view.lang];
  const toStrip = ({ domainType }: MallFreshness): Html => {
    const strip = strips.find((each) => each.domainType === domainType);
    return strip === undefined ? NOTHING : renderCoverageStrip(view, strip);
  };
  return html`${renderTable<MallFreshness>({
      caption: text.freshness,
      columns: [
        { title: text.domain, isHeading: true, toCell: ({ domainType }) => DOMAIN_WORDS[view.lang][domainType] },
        { title: text.complete, toCell: (each) => renderCompleteDay(each, view) },
        { title: text.state, toCell: (each) => renderLateness(view, each, board.active) },
        { title: text.rejects, align: 'right', toCell: ({ openRejects }) => renderNumber(openRejects) },
        { title: text.days, toCell: toStrip },
        {
          title: text.calendar,
          toCell: ({ domainType }) =>
            html`<a class="button" href="${toCoverageLink(board.mallId, domainType)}"
              >${text.calendar}<span class="hidden"> ${DOMAIN_WORDS[view.lang][domainType]}</span></a
            >`,
        },
      ],
      rows: board.freshness,
      empty: text.none,
    })}
    <p class="hint">${text.target(targetHours)} ${renderLastFailure(view, board)}</p>`;
}

function renderLastFailure(view: ViewContext, { lastFailure }: MallFacts['board']): Html {
  if (lastFailure === null) return NOTHING;
  const { executionId, reason, atMs, isMended } = lastFailure;
  const mended = isMended ? html`, ${MALLS_TEXT[view.lang].mended}` : NOTHING;
  return html`${DETAIL_TEXT[view.lang].lastFailure}: <a href="${toRunLink(executionId)}">${reason ?? executionId}</a>,
    ${renderAge(atMs, view)}${mended}`;
}

/** What was never read is not in time, however new the mall is. */
function renderLateness(view: ViewContext, { isLate, lastCompleteEndMs }: MallFreshness, isActive: boolean): Html {
  const text = MALLS_TEXT[view.lang];
  if (!isActive) return renderBadge('idle', text.no);
  if (!isLate && lastCompleteEndMs === null) return renderBadge('idle', text.never);
  return isLate ? renderBadge('bad', text.lateBadge) : renderBadge('good', text.inTime);
}

function renderRuns(view: ViewContext, { board }: MallPage): Html {
  const text = DETAIL_TEXT[view.lang];
  return renderTable<ExecutionRecord>({
    caption: text.recent,
    columns: [
      {
        title: text.run,
        isHeading: true,
        toCell: ({ executionId }) => html`<a href="${toRunLink(executionId)}">${executionId}</a>`,
      },
      {
        title: text.status,
        toCell: ({ status, failureReason }) =>
          html`${renderStatus(status, view)}
          ${failureReason === null ? NOTHING : html`<span class="reason-word">${failureReason}</span>`}`,
      },
      { title: text.domain, toCell: ({ domainType }) => DOMAIN_WORDS[view.lang][domainType] },
      { title: text.period, toCell: ({ startDate, endDate }) => toPeriodText(startDate, endDate) },
      { title: text.rows, align: 'right', toCell: ({ counters }) => renderNumber(counters.read) },
      { title: text.asked, toCell: ({ requestedAtMs }) => renderAge(requestedAtMs, view) },
    ],
    rows: board.recentRuns,
    empty: text.noRuns,
  });
}
