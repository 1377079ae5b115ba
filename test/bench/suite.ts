import type { Sample } from './measure.ts';

export interface SuiteOptions {
  readonly runs: number;
  /** Days of rows a mall. */
  readonly days: number;
  readonly isQuick: boolean;
  readonly note: (line: string) => void;
}

/** One line of a suite's table: a name and what was measured, as shown. */
export type TableRow = Readonly<Record<string, string>>;

export interface Goal {
  readonly what: string;
  readonly measured: string;
  readonly goal: string;
  readonly isMet: boolean;
}

export interface SuiteResult {
  readonly title: string;
  readonly rows: readonly TableRow[];
  readonly goals: readonly Goal[];
  /** Every single measurement, for the JSON. */
  readonly samples: unknown;
}

export function judge(what: string, value: number, bound: 'at least' | 'at most', limit: number, unit: string): Goal {
  const isMet = bound === 'at least' ? value >= limit : value <= limit;
  return { what, measured: `${toDigits(value)} ${unit}`, goal: `${bound} ${limit} ${unit}`, isMet };
}

export function toDigits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

export function toSampleRow(name: string, sample: Sample, ofRaw: number): TableRow {
  return {
    what: name,
    'rows/s': Math.round(sample.rowsPerSecond).toLocaleString('en'),
    'of raw COPY': `${(ofRaw * 100).toFixed(0)} %`,
    'client µs/row': toDigits(sample.clientMicros),
    'PostgreSQL µs/row': toDigits(sample.serverMicros),
    'simulator µs/row': toDigits(sample.simulatorMicros),
  };
}

export function toMarkdownTable(rows: readonly TableRow[]): string {
  const titles = Object.keys(rows[0] ?? {});
  const toLine = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const align = titles.map((_, index) => (index === 0 ? '---' : '---:'));
  return [toLine(titles), toLine(align), ...rows.map((row) => toLine(titles.map((title) => row[title] ?? '')))].join(
    '\n',
  );
}

export function toMarkdown({ title, rows, goals }: SuiteResult): string {
  const judged = goals.map(({ what, measured, goal, isMet }) => ({
    goal: what,
    measured,
    asked: goal,
    '': isMet ? 'met' : 'NOT met',
  }));
  const parts = [`### ${title}`, toMarkdownTable(rows), ...(judged.length === 0 ? [] : [toMarkdownTable(judged)])];
  return parts.join('\n\n');
}
