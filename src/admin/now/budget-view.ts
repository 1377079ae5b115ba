import { html } from 'hono/html';
import type { MallBudget } from '../../adapters/postgres/read-models/mall-budgets.ts';
import { toSeoulTime } from '../../domain/seoul-time.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderBadge } from '../layout/status.ts';
import { renderTable } from '../layout/table.ts';
import type { NowData } from './load.ts';
import { NOW_TEXT } from './text.ts';

const MOST_BUDGETS = 100;
const WHOLE_MALL = '*';

export function renderBudgets({ board }: NowData, view: ViewContext): Html {
  const text = NOW_TEXT[view.lang];
  const shown = board.budgets.slice(0, MOST_BUDGETS);
  const hidden = new Set(board.budgets.slice(MOST_BUDGETS).map(({ mallId }) => mallId)).size;
  const table = renderTable<MallBudget>({
    caption: text.budgets,
    columns: [
      { title: text.mall, isHeading: true, toCell: (budget) => renderMall(budget) },
      { title: text.endpoint, toCell: (budget) => toEndpointText(budget, view) },
      { title: text.inUse, toCell: (budget) => renderInUse(budget, view) },
      { title: text.callUsage, align: 'right', toCell: ({ callUsagePercent }) => toPercentText(callUsagePercent) },
      { title: text.timeUsage, align: 'right', toCell: ({ timeUsagePercent }) => toPercentText(timeUsagePercent) },
      { title: text.block, toCell: (budget) => renderBlock(budget, view) },
    ],
    rows: shown,
    toRowId: ({ mallId, endpoint }) => `budget-${mallId}-${endpoint === WHOLE_MALL ? 'all' : endpoint}`,
    empty: text.budgetsEmpty,
  });
  return html`<div id="now-budgets">
    ${table}${hidden > 0 ? html`<p>${text.moreBudgets(toNumberText(hidden))}</p>` : NOTHING}
  </div>`;
}

function renderMall({ mallId, mallName }: MallBudget): Html {
  return html`<a href="/malls/${mallId}">${mallName === '' ? mallId : mallName}</a>`;
}

function toEndpointText({ endpoint }: MallBudget, view: ViewContext): string {
  return endpoint === WHOLE_MALL ? NOW_TEXT[view.lang].wholeMall : endpoint;
}

function renderInUse({ level, size }: MallBudget, view: ViewContext): Html {
  const text = NOW_TEXT[view.lang];
  const used = Math.min(Math.round(level), size);
  const words = text.inUseOf(toNumberText(used), toNumberText(size));
  return html`<meter class="bar-small" min="0" max="${size}" value="${used}" aria-label="${text.inUse}"></meter>
    <span class="under">${words}</span>`;
}

function toPercentText(percent: number | null): string {
  return percent === null ? '–' : `${Math.round(percent)} %`;
}

function renderBlock({ blockedUntilMs }: MallBudget, view: ViewContext): Html {
  if (blockedUntilMs === null) return html`<span class="none">${NOW_TEXT[view.lang].notBlocked}</span>`;
  return renderBadge('warn', `${toSeoulTime(blockedUntilMs).slice(5).replace('T', ' ')} KST`);
}
