import { html } from 'hono/html';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderBadge } from '../layout/status.ts';
import { renderTable } from '../layout/table.ts';
import { toMomentText } from './hold-up.ts';
import type { NowData } from './load.ts';
import { toMallUsages, type MallUsage } from './mall-usage.ts';
import { NOW_TEXT } from './text.ts';

const MOST_MALLS = 100;
/** From here on Cafe24 is close to refusing calls. */
const HIGH_PERCENT = 80;

export function renderBudgets({ board, atMs }: NowData, view: ViewContext): Html {
  const text = NOW_TEXT[view.lang];
  const usages = toMallUsages(board.budgets);
  const more = usages.length - MOST_MALLS;
  const table = renderTable<MallUsage>({
    caption: text.budgets,
    columns: [
      { title: text.mall, isHeading: true, toCell: (usage) => renderMall(usage) },
      { title: text.inUse, toCell: (usage) => renderBuckets(usage, view) },
      { title: text.callUsage, toCell: (usage) => renderPercent(usage.callUsagePercent, text.callUsage) },
      { title: text.timeUsage, toCell: (usage) => renderPercent(usage.timeUsagePercent, text.timeUsage) },
      { title: text.block, toCell: (usage) => renderBlock(usage, atMs, view) },
    ],
    rows: usages.slice(0, MOST_MALLS),
    toRowId: ({ mallId }) => `budget-${mallId}`,
    empty: text.budgetsEmpty,
  });
  return html`<div id="now-budgets">
    ${table}${more > 0 ? html`<p>${text.moreBudgets(toNumberText(more))}</p>` : NOTHING}
  </div>`;
}

function renderMall({ mallId, mallName }: MallUsage): Html {
  return html`<a href="/malls/${mallId}">${mallName === '' ? mallId : mallName}</a>`;
}

function renderBuckets({ buckets }: MallUsage, view: ViewContext): Html {
  const text = NOW_TEXT[view.lang];
  return html`${buckets.map(
    ({ endpoint, level, size }) =>
      html`<div class="now-bucket">
        <meter min="0" max="${size}" value="${level}" aria-label="${endpoint}"></meter>
        <span class="under">${endpoint}: ${text.inUseOf(toNumberText(level), toNumberText(size))}</span>
      </div>`,
  )}`;
}

function renderPercent(percent: number | null, label: string): Html {
  if (percent === null) return html`<span class="none">–</span>`;
  const rounded = Math.round(percent);
  return html`<meter min="0" max="100" high="${HIGH_PERCENT}" value="${rounded}" aria-label="${label}"></meter>
    <span class="under">${rounded} %</span>`;
}

function renderBlock({ block }: MallUsage, nowMs: number, view: ViewContext): Html {
  if (block === null) return html`<span class="none">${NOW_TEXT[view.lang].notBlocked}</span>`;
  const what = block.endpoint === null ? NOTHING : html`<span class="under">${block.endpoint}</span>`;
  return html`${renderBadge('warn', toMomentText(block.untilMs, nowMs))}${what}`;
}
