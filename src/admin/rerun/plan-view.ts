import { html } from 'hono/html';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { renderNumber, toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import type { Tone } from '../layout/status.ts';
import { renderBadge } from '../layout/status.ts';
import { renderTable } from '../layout/table.ts';
import { renderTiles } from '../layout/tiles.ts';
import { toDurationText, toPeriodText } from '../layout/time.ts';
import { DOMAIN_WORDS } from '../text/words.ts';
import type { Preview } from './load.ts';
import type { PlanGroup, PlanItem, RerunPlan, Verdict } from './plan.ts';
import { RERUN_TEXT } from './text.ts';

/** More would be a page to scroll, not to read. */
const MOST_SHOWN = 50;

const TONES: Record<Verdict, Tone> = { start: 'good', alreadyRunning: 'busy', alreadyComplete: 'idle', refused: 'bad' };

/** What would happen: in figures, then `act` that makes it happen, then by group and mall by mall. */
export function renderPreview(view: ViewContext, { plan, isServed }: Preview, act: Html): Html {
  const text = RERUN_TEXT[view.lang];
  return html`${renderFigures(view, plan)} ${renderCautions(view, plan, isServed)} ${act}
  ${renderPanel(text.groups, renderGroups(view, plan.groups))} ${renderPanel(text.items, renderItems(view, plan))}`;
}

function renderFigures(view: ViewContext, plan: RerunPlan): Html {
  const text = RERUN_TEXT[view.lang];
  const { counts, longest } = plan;
  const isTimeKnown = longest !== null && longest.seconds > 0;
  return renderTiles([
    { label: text.start, value: toNumberText(counts.start), tone: counts.start > 0 ? 'good' : 'idle' },
    { label: text.alreadyRunning, value: toNumberText(counts.alreadyRunning) },
    { label: text.alreadyComplete, value: toNumberText(counts.alreadyComplete) },
    { label: text.refused, value: toNumberText(counts.refused), ...(counts.refused > 0 && { tone: 'bad' as const }) },
    { label: text.calls, value: toNumberText(plan.calls), note: text.callsNote(plan.malls, toNumberText(plan.malls)) },
    {
      label: text.longest,
      value: isTimeKnown ? html`<span class="whole">${toDurationText(longest.seconds, view)}</span>` : '–',
      note: isTimeKnown ? longest.mallName : text.unknownTime,
    },
  ]);
}

function renderCautions(view: ViewContext, plan: RerunPlan, isServed: boolean): Html {
  const text = RERUN_TEXT[view.lang];
  const { night, needsConsent, unknown } = plan;
  const cautions = [
    needsConsent > 0 ? text.needsConsent(needsConsent, toNumberText(needsConsent)) : null,
    night === null
      ? null
      : (night.isUnderWay ? text.nightUnderWay : text.nightComing)(night.malls, toNumberText(night.malls), night.night),
    unknown > 0 ? text.unknown(unknown, toNumberText(unknown)) : null,
    isServed ? null : text.unserved,
  ].filter((caution) => caution !== null);
  return html`${cautions.map((caution) => renderNotice('warn', caution))}`;
}

function renderGroups(view: ViewContext, groups: readonly PlanGroup[]): Html {
  const text = RERUN_TEXT[view.lang];
  const shown = groups.slice(0, MOST_SHOWN);
  const toCount = (verdict: Verdict) => ({
    title: text[verdict],
    align: 'right' as const,
    toCell: ({ counts }: PlanGroup): Html => renderNumber(counts[verdict]),
  });
  return html`${renderTable<PlanGroup>({
    caption: text.groups,
    empty: text.nothingToStart,
    rows: shown,
    columns: [
      { title: text.domain, isHeading: true, toCell: ({ domainType }) => DOMAIN_WORDS[view.lang][domainType] },
      { title: text.period, toCell: ({ startDate, endDate }) => toPeriodText(startDate, endDate) },
      { title: text.pageSize, align: 'right', toCell: ({ pageSize }) => renderNumber(pageSize) },
      toCount('start'),
      toCount('alreadyRunning'),
      toCount('alreadyComplete'),
      toCount('refused'),
    ],
  })}${renderRest(view, groups.length - shown.length)}`;
}

/** What does not start comes first: it is what a person has to know before the click. */
const ORDER: readonly Verdict[] = ['refused', 'alreadyRunning', 'alreadyComplete', 'start'];

function renderItems(view: ViewContext, { groups }: RerunPlan): Html {
  const text = RERUN_TEXT[view.lang];
  const items = groups
    .flatMap((group) => group.items)
    .toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const shown = items.slice(0, MOST_SHOWN);
  return html`${renderTable<PlanItem>({
    caption: text.items,
    empty: text.nothingToStart,
    rows: shown,
    columns: [
      { title: text.mall, isHeading: true, toCell: ({ candidate }) => renderMall(candidate) },
      { title: text.domainAndPeriod, toCell: ({ candidate }) => renderPeriod(view, candidate) },
      { title: text.verdict, toCell: (item) => renderVerdict(view, item) },
      { title: text.estimate, align: 'right', toCell: (item) => renderEstimate(view, item) },
    ],
  })}${renderRest(view, items.length - shown.length)}`;
}

function renderMall({ mallId, mallName }: PlanItem['candidate']): Html {
  return html`<a href="/malls/${mallId}">${mallName}</a> <span class="muted">${mallId}</span>`;
}

function renderPeriod({ lang }: ViewContext, { domainType, startDate, endDate }: PlanItem['candidate']): Html {
  return html`${DOMAIN_WORDS[lang][domainType]} <span class="under whole">${toPeriodText(startDate, endDate)}</span>`;
}

function renderVerdict(view: ViewContext, item: PlanItem): Html {
  const text = RERUN_TEXT[view.lang];
  const { verdict, needsConsent, candidate } = item;
  const live = candidate.liveExecutionId;
  return html`${renderBadge(TONES[verdict], text[verdict])} <span class="muted">${explain(view, item)}</span>${
      verdict === 'alreadyRunning' && live !== null ? html` <a href="/runs/${live}">${text.run(live)}</a>` : NOTHING
    }${needsConsent ? html` ${renderBadge('warn', text.consentWord)}` : NOTHING}`;
}

function explain(view: ViewContext, { why, candidate: { checkpoint, openRejects } }: PlanItem): string {
  const text = RERUN_TEXT[view.lang];
  if (why === 'fromCheckpoint' && checkpoint !== null) {
    const windows = text.windows(toNumberText(checkpoint.windowsDone), toNumberText(checkpoint.windowsTotal));
    return `${text.fromCheckpoint}: ${windows}`;
  }
  if (why === 'replaysRows' || why === 'hasOnlyRejects') return text[why](toNumberText(openRejects));
  return text[why];
}

function renderEstimate(view: ViewContext, { verdict, estimatedCalls, estimatedSeconds }: PlanItem): Html {
  const text = RERUN_TEXT[view.lang];
  if (verdict !== 'start') return renderNumber(null);
  if (estimatedCalls === null || estimatedSeconds === null) return html`<span class="muted">${text.unknownTime}</span>`;
  const estimate = text.estimateOf(toNumberText(estimatedCalls), toDurationText(estimatedSeconds, view));
  return html`<span class="whole">${estimate}</span>`;
}

function renderRest(view: ViewContext, rest: number): Html {
  return rest > 0 ? html`<p class="muted">${RERUN_TEXT[view.lang].more(toNumberText(rest))}</p>` : NOTHING;
}
