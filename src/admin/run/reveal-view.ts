import { html } from 'hono/html';
import type { RevealedRow } from '../../adapters/postgres/read-models/reveal-row.ts';
import type { Html } from '../layout/html.ts';
import { renderNotice } from '../layout/notice.ts';
import { renderPageHead } from '../layout/page-head.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import { renderTable } from '../layout/table.ts';
import { toRunLink } from '../runs/run-links.ts';
import { ROW_TEXT } from './row-text.ts';

export function renderRevealed({ rowKey, row }: RevealedRow, executionId: number, view: ViewContext): Html {
  const text = ROW_TEXT[view.lang];
  const up = { href: `${toRunLink(executionId)}#errors`, label: text.back };
  return html`${renderPageHead(text.revealTitle, { up })} ${renderNotice('warn', text.revealNote)}
  ${renderPanel(text.rowKey, html`<p class="break">${rowKey ?? text.noKey}</p>`)}
  ${renderPanel(
    text.storedRow,
    renderTable({
      caption: text.storedRow,
      columns: [
        { title: text.columnName, isHeading: true, toCell: ([name]) => name },
        { title: text.columnValue, toCell: ([, value]) => html`<span class="break">${toValueText(value)}</span>` },
      ],
      rows: Object.entries(row ?? {}),
      empty: text.noStoredRow,
    }),
  )}`;
}

function toValueText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
