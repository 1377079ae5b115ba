import { html } from 'hono/html';
import type { WaitingExecution } from '../../adapters/postgres/read-models/now-queue.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderTable } from '../layout/table.ts';
import { renderTime, toPeriodText } from '../layout/time.ts';
import { DOMAIN_WORDS, TRIGGER_WORDS } from '../text/words.ts';
import type { NowData } from './load.ts';
import { MOST_SHOWN } from './running-view.ts';
import { NOW_TEXT } from './text.ts';

export function renderQueue({ board }: NowData, view: ViewContext): Html {
  const text = NOW_TEXT[view.lang];
  const shown = board.waiting.slice(0, MOST_SHOWN);
  const more = board.waitingTotal - shown.length;
  const table = renderTable<WaitingExecution>({
    caption: text.queue,
    columns: [
      { title: text.place, align: 'right', toCell: ({ position }) => position },
      { title: text.run, isHeading: true, toCell: (run) => renderRun(run) },
      { title: text.mall, toCell: (run) => renderMall(run) },
      { title: text.period, toCell: (run) => renderPeriod(run, view) },
      { title: text.asked, toCell: ({ requestedAtMs }) => renderTime(requestedAtMs, view) },
      { title: text.by, toCell: (run) => toStarter(run, view) },
    ],
    rows: shown,
    toRowId: ({ executionId }) => `queued-${executionId}`,
    empty: text.queueEmpty,
  });
  const rest = html`<p><a href="/runs?status=REQUESTED">${text.more(toNumberText(more))}</a></p>`;
  return html`<div id="now-queue">${table}${more > 0 ? rest : NOTHING}</div>`;
}

function renderRun({ executionId }: WaitingExecution): Html {
  return html`<a href="/runs/${executionId}">${executionId}</a>`;
}

function renderMall({ mallId, mallName, cafe24MallId }: WaitingExecution): Html {
  return html`<a href="/malls/${mallId}">${mallName === '' ? cafe24MallId || mallId : mallName}</a>`;
}

function renderPeriod({ domainType, startDate, endDate }: WaitingExecution, view: ViewContext): Html {
  return html`${DOMAIN_WORDS[view.lang][domainType]}<span class="under">${toPeriodText(startDate, endDate)}</span>`;
}

function toStarter({ trigger, mallSyncName }: WaitingExecution, view: ViewContext): string {
  const word = TRIGGER_WORDS[view.lang][trigger];
  return mallSyncName === null ? word : `${word} · ${mallSyncName}`;
}
