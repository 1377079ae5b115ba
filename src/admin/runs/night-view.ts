import { html } from 'hono/html';
import type { NightPicture } from '../../adapters/postgres/read-models/night-picture.ts';
import { startOfSeoulDay, toSeoulDay } from '../../domain/seoul-time.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { mayVisitor, toLink } from '../layout/view-context.ts';
import { renderPanel } from '../layout/panel.ts';
import { renderNotice } from '../layout/notice.ts';
import type { Tile } from '../layout/tiles.ts';
import { renderTiles } from '../layout/tiles.ts';
import { toAdvice } from '../text/advice.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { addDays, renderHistory } from './history-chart.ts';
import { toFilterAgainLink, toRunsLink } from './run-links.ts';
import { RUNS_TEXT } from './text.ts';

/** The night in one glance: figures, its failures by reason, and how the nights before went. */
export function renderNight(picture: NightPicture, deadline: string, view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  if (picture.malls.total === 0) return renderNoMalls(view);
  const isLatest = picture.night === toLatestNight(view.nowMs);
  return renderPanel(
    isLatest ? `${text.night}: ${picture.night}` : text.nightOf(picture.night),
    html`<div class="night">
        <div class="night-figures">${renderTiles(buildTiles(picture, deadline, view))}</div>
        ${renderHistory(picture.history, view)}
      </div>
      ${renderDomains(picture, view)} ${renderGroups(picture, view)}`,
    renderSteps(picture, isLatest, view),
  );
}

/** The day that the newest night has read, or is reading. */
function toLatestNight(nowMs: number): string {
  return toSeoulDay(startOfSeoulDay(nowMs) - 1);
}

function renderNoMalls(view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  const add = mayVisitor(view, 'admin') ? html` <a href="/malls/add">${text.addMall}</a>` : NOTHING;
  return renderNotice('idle', html`${text.nightEmpty}${add}`);
}

function renderSteps({ night }: NightPicture, isLatest: boolean, view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  const toNight = (day: string | null): string => toLink(view, { night: day, cursor: null });
  const later = html`<a class="button button-quiet" href="${toNight(addDays(night, 1))}">${text.nightAfter}</a>
    <a class="button button-quiet" href="${toNight(null)}">${text.latestNight}</a>`;
  return html`<a class="button button-quiet" href="${toNight(addDays(night, -1))}">${text.nightBefore}</a>
    ${isLatest ? NOTHING : later}`;
}

function buildTiles({ night, malls }: NightPicture, deadline: string, view: ViewContext): readonly Tile[] {
  const text = RUNS_TEXT[view.lang];
  const open = malls.waiting + malls.running;
  return [
    {
      label: text.tileDone,
      value: toNumberText(malls.done),
      tone: 'good',
      note: text.ofMalls(toNumberText(malls.total)),
      href: toRunsLink({ night, status: ['COMPLETED', 'COMPLETED_WITH_REJECTS'] }),
    },
    {
      label: text.tileFailed,
      value: toNumberText(malls.failed),
      tone: malls.failed === 0 ? 'idle' : 'bad',
      note: malls.failed === 0 && malls.done === malls.total ? text.allDone : text.malls,
      href: toRunsLink({ night, status: ['FAILED', 'STOPPED', 'ABANDONED'], unmended: true }),
    },
    {
      label: text.tileWaiting,
      value: toNumberText(open),
      tone: open === 0 ? 'idle' : 'busy',
      note: text.running(toNumberText(malls.running)),
      href: toRunsLink({ night, status: ['REQUESTED', 'RUNNING', 'WAITING'] }),
    },
    {
      label: text.tileLate,
      value: toNumberText(malls.late),
      tone: malls.late === 0 ? 'idle' : 'warn',
      note: text.lateHint(deadline),
      href: '/malls?late=1',
    },
  ];
}

function renderDomains({ byDomain }: NightPicture, view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  return html`<ul class="night-domains" aria-label="${text.byDomain}">
    ${byDomain.map(
      (each) =>
        html`<li>
          <strong>${DOMAIN_WORDS[view.lang][each.domainType]}</strong>
          <span>${toNumberText(each.done + each.doneWithRejects)}/${toNumberText(each.total)} ${text.done}</span>
          ${renderCount(each.doneWithRejects, 'warn', text.withRejects(toNumberText(each.doneWithRejects)))}
          ${renderCount(each.failed + each.stopped, 'bad', `${toNumberText(each.failed + each.stopped)} ${text.failed}`)}
          ${renderCount(each.waiting + each.running, 'busy', `${toNumberText(each.waiting + each.running)} ${text.waiting}`)}
        </li>`,
    )}
  </ul>`;
}

function renderCount(count: number, tone: string, words: string): Html {
  return count === 0 ? NOTHING : html`<span class="tone-${tone}">${words}</span>`;
}

function renderGroups({ night, groups }: NightPicture, view: ViewContext): Html {
  if (groups.length === 0) return NOTHING;
  const text = RUNS_TEXT[view.lang];
  const mayRun = mayVisitor(view, 'operator');
  const all = toFilterAgainLink({ night, unmended: true });
  return html`<div class="reasons">
    <div class="reasons-head">
      <h3>${text.groups}</h3>
      ${mayRun ? html`<a class="button button-primary" href="${all}">${text.runNightAgain}</a>` : NOTHING}
    </div>
    <ul class="reason-list">
      ${groups.map((group) => renderGroup(group, night, view))}
    </ul>
  </div>`;
}

function renderGroup(group: NightPicture['groups'][number], night: string, view: ViewContext): Html {
  const text = RUNS_TEXT[view.lang];
  const { why, what } = toAdvice(group.reason, view.lang);
  const filter = { night, reason: [group.reason], unmended: true };
  const again = html`<a class="button" href="${toFilterAgainLink(filter)}">${text.runGroupAgain}</a>`;
  return html`<li class="reason">
    <div class="reason-what">
      <a class="reason-name" href="${toRunsLink(filter)}">${text.groupLink(group.malls)}: ${group.reason}</a>
      <span class="under-inline"
        >${text.groupRuns(group.executions)} ·
        ${group.domainTypes.map((each) => DOMAIN_WORDS[view.lang][each]).join(', ')}</span
      >
      <p class="reason-advice">${why} ${what}</p>
    </div>
    ${mayVisitor(view, 'operator') ? again : NOTHING}
  </li>`;
}
