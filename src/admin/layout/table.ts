import { html } from 'hono/html';
import type { Html } from './html.ts';
import { NOTHING } from './html.ts';

export interface Column<Row> {
  readonly title: string;
  readonly toCell: (row: Row) => Html | string | number | null;
  readonly align?: 'right';
  /** The cell that names the row. */
  readonly isHeading?: boolean;
  /** The column's head when it is more than its title, e.g. a link that sorts. */
  readonly head?: Html;
  readonly sorted?: 'ascending' | 'descending';
}

export interface Table<Row> {
  /** Says what the table holds; shown to screen readers only. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** Shown in place of rows. */
  readonly empty: Html | string;
  /** An id a row, for the script that replaces rows live. */
  readonly toRowId?: (row: Row) => string;
}

/** On a narrow screen each row becomes a card; cells carry their column's title for it. */
export function renderTable<Row>(table: Table<Row>): Html {
  if (table.rows.length === 0) return html`<div class="empty">${table.empty}</div>`;
  return html`<div class="table-wrap">
    <table class="table">
      <caption class="hidden">
        ${table.caption}
      </caption>
      <thead>
        <tr>
          ${table.columns.map((column) => renderHead(column))}
        </tr>
      </thead>
      <tbody>
        ${table.rows.map((row) => renderRow(table, row))}
      </tbody>
    </table>
  </div>`;
}

function renderHead<Row>({ title, align, head, sorted }: Column<Row>): Html {
  const sort = sorted === undefined ? NOTHING : html`aria-sort="${sorted}"`;
  return html`<th scope="col" class="${align ?? 'left'}" ${sort}>${head ?? title}</th>`;
}

function renderRow<Row>(table: Table<Row>, row: Row): Html {
  const id = table.toRowId === undefined ? NOTHING : html`id="${table.toRowId(row)}"`;
  return html`<tr ${id}>
    ${table.columns.map((column) => renderCell(column, row))}
  </tr>`;
}

function renderCell<Row>({ title, align, isHeading, toCell }: Column<Row>, row: Row): Html {
  const side = align ?? 'left';
  return isHeading === true
    ? html`<th scope="row" class="${side}" data-label="${title}"><div class="cell">${toCell(row)}</div></th>`
    : html`<td class="${side}" data-label="${title}"><div class="cell">${toCell(row)}</div></td>`;
}
