export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  toCell(row: Row): string;
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;

/** Columns a text takes on a terminal: Korean and Chinese letters take two. */
function widthOf(text: string): number {
  return text.length + (text.match(WIDE)?.length ?? 0);
}

/** Rows as aligned text lines with a head, without a line end after the last. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => column.toCell(row)));
  const titles = columns.map((column) => column.title);
  const widths = columns.map((_, index) => Math.max(...[titles, ...cells].map((line) => widthOf(line[index] ?? ''))));
  const toLine = (line: readonly string[]): string =>
    line
      .map((cell, index) => {
        const padding = ' '.repeat((widths[index] ?? 0) - widthOf(cell));
        return columns[index]?.align === 'right' ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd();
  return [toLine(titles), toLine(widths.map((width) => '─'.repeat(width))), ...cells.map(toLine)].join('\n');
}
