import { html } from 'hono/html';
import type { CalendarDay, MissingRange } from '../../adapters/postgres/read-models/calendar-days.ts';
import { DAY_STATES } from '../../adapters/postgres/read-models/calendar-days.ts';
import type { Mall } from '../../domain/mall.ts';
import { DOMAIN_TYPES, type DomainType } from '../../domain/domain-type.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderPageHead } from '../layout/page-head.ts';
import { renderPanel } from '../layout/panel.ts';
import { renderTable } from '../layout/table.ts';
import { toPeriodText } from '../layout/time.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { mayVisitor } from '../layout/view-context.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import { toCoverageLink, toDayRunsLink, toNewRunLink } from './coverage-links.ts';
import { renderDaySign } from './day-state.ts';
import type { CoverageMonth } from './load.ts';
import { buildWeeks, toMonthName } from './month-grid.ts';
import { moveMonth } from './query.ts';
import { COVERAGE_TEXT } from './text.ts';

export interface CoveragePage {
  readonly mall: Pick<Mall, 'mallId' | 'name' | 'domainTypes'>;
  readonly domainType: DomainType;
  readonly calendar: CoverageMonth;
}

export function renderCoverage(view: ViewContext, page: CoveragePage): Html {
  const { mall, domainType, calendar } = page;
  const text = COVERAGE_TEXT[view.lang];
  return html`${renderPageHead(text.heading(DOMAIN_WORDS[view.lang][domainType]), {
    intro: text.intro,
    up: { href: `/malls/${mall.mallId}`, label: mall.name },
    actions: renderDomains(view, page),
  })}
  ${renderPanel(toMonthName(calendar.month, view.lang), renderGrid(view, page), renderMonthSteps(view, page))}
  ${renderPanel(text.holes, renderHoles(view, page))} ${renderPanel(text.legend, renderLegend(view))}`;
}

function renderDomains(view: ViewContext, { mall, domainType, calendar }: CoveragePage): Html {
  const text = COVERAGE_TEXT[view.lang];
  const known = DOMAIN_TYPES.filter((each) => mall.domainTypes.includes(each) || each === domainType);
  return html`<nav class="tabs" aria-label="${text.domains}">
    ${known.map(
      (each) =>
        html`<a
          class="button"
          href="${toCoverageLink(mall.mallId, each, calendar.month)}"
          ${each === domainType ? html`aria-current="page"` : NOTHING}
          >${DOMAIN_WORDS[view.lang][each]}</a
        >`,
    )}
  </nav>`;
}

function renderMonthSteps(view: ViewContext, { mall, domainType, calendar }: CoveragePage): Html {
  const text = COVERAGE_TEXT[view.lang];
  const renderStep = (by: number, sign: string, word: string): Html => {
    const month = moveMonth(calendar.month, by);
    return month === null
      ? NOTHING
      : html`<a
          class="button"
          href="${toCoverageLink(mall.mallId, domainType, month)}"
          title="${toMonthName(month, view.lang)}"
          ><span aria-hidden="true">${sign}</span> <span class="hidden">${word}</span></a
        >`;
  };
  return html`${renderStep(-1, '←', text.previous)}${renderStep(1, '→', text.next)}`;
}

function renderGrid(view: ViewContext, page: CoveragePage): Html {
  const text = COVERAGE_TEXT[view.lang];
  return html`<table class="calendar">
    <caption class="hidden">
      ${text.heading(DOMAIN_WORDS[view.lang][page.domainType])}, ${toMonthName(page.calendar.month, view.lang)}
    </caption>
    <thead>
      <tr>
        ${text.weekdays.split(' ').map((weekday) => html`<th scope="col">${weekday}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${buildWeeks(page.calendar.days).map(
        (week) =>
          html`<tr>
            ${week.map((day) => (day === null ? html`<td class="day-none"></td>` : renderDay(view, page, day)))}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function renderDay(view: ViewContext, { mall, domainType }: CoveragePage, day: CalendarDay): Html {
  const text = COVERAGE_TEXT[view.lang];
  const number = Number(day.day.slice(8));
  const link = toDayRunsLink(mall.mallId, domainType, day.day);
  const label = text.runs(day.day);
  return html`<td class="day day-${day.state}">
    <span class="day-head"
      >${
        day.executionIds.length === 0
          ? html`<time class="day-number" datetime="${day.day}">${number}</time>`
          : html`<a class="day-number" href="${link}" aria-label="${label}" title="${label}">${number}</a>`
      }${renderDaySign(day.state)}</span
    >
    <span class="day-word">${text[day.state]}</span>
    ${day.openRejects === 0 ? NOTHING : html`<span class="day-note">${text.openRejects(day.openRejects)}</span>`}
  </td>`;
}

function renderHoles(view: ViewContext, { mall, domainType, calendar }: CoveragePage): Html {
  const text = COVERAGE_TEXT[view.lang];
  const run = {
    title: text.act,
    toCell: ({ startDate, endDate }: MissingRange) =>
      html`<a class="button button-primary" href="${toNewRunLink(mall.mallId, { domainType, startDate, endDate })}"
        >${text.runThis}<span class="hidden"> ${toPeriodText(startDate, endDate)}</span></a
      >`,
  };
  return renderTable<MissingRange>({
    caption: text.holes,
    columns: [
      { title: text.range, isHeading: true, toCell: ({ startDate, endDate }) => toPeriodText(startDate, endDate) },
      { title: text.length, toCell: ({ days }) => text.days(days) },
      ...(mayVisitor(view, 'operator') ? [run] : []),
    ],
    rows: calendar.missingRanges,
    empty: text.noHoles,
  });
}

const MEANINGS = {
  complete: 'completeMeaning',
  rejects: 'rejectsMeaning',
  partial: 'partialMeaning',
  missing: 'missingMeaning',
  future: 'futureMeaning',
  before: 'beforeMeaning',
} as const;

function renderLegend(view: ViewContext): Html {
  const text = COVERAGE_TEXT[view.lang];
  return html`<dl class="legend">
    ${DAY_STATES.map(
      (state) =>
        html`<div>
          <dt class="day-${state}">${renderDaySign(state)} ${text[state]}</dt>
          <dd>${text[MEANINGS[state]]}</dd>
        </div>`,
    )}
  </dl>`;
}
