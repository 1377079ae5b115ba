import { lendPage, type PageLoan } from './page-loans.ts';

/**
 * A row rendered once with fixed-width slots left open, so that a page is made by copying bytes.
 * `places` holds pairs: byte offset, slot number.
 */
export interface RowTemplate {
  readonly bytes: Uint8Array;
  readonly places: Int32Array;
}

export interface RowText {
  readonly template: RowTemplate;
  /** ASCII, of the slot's width, by slot number. */
  readonly values: readonly string[];
}

const NO_PLACES = new Int32Array(0);

/** Stands for the slot's value while its template is rendered; no value of a row begins like it. */
export function buildSlotToken(slot: number, width: number): string {
  return `@${String.fromCharCode(97 + slot)}~`.padEnd(width, '~');
}

export function compileTemplate(json: string, widths: readonly number[]): RowTemplate {
  const bytes = Buffer.from(json);
  const places: number[] = [];
  for (const [slot, width] of widths.entries()) {
    const token = buildSlotToken(slot, width);
    for (let at = bytes.indexOf(token); at >= 0; at = bytes.indexOf(token, at + width)) places.push(at, slot);
  }
  return { bytes: Uint8Array.from(bytes), places: Int32Array.from(places) };
}

export function buildPlainText(row: Readonly<Record<string, unknown>>): RowText {
  return { template: { bytes: Buffer.from(JSON.stringify(row)), places: NO_PLACES }, values: [] };
}

const COMMA = 44;

function writeRow(page: Buffer, start: number, { template, values }: RowText): number {
  const { bytes, places } = template;
  page.set(bytes, start);
  for (let pair = 0; pair < places.length; pair += 2) {
    const at = start + (places[pair] ?? 0);
    const value = values[places[pair + 1] ?? 0] ?? '';
    for (let i = 0; i < value.length; i++) page[at + i] = value.charCodeAt(i);
  }
  return start + bytes.length;
}

/** The rows with commas between them, between `head` and `tail`, in a buffer on loan. */
export function renderPage(head: string, rows: readonly RowText[], tail: string): PageLoan {
  const first = Buffer.from(head);
  const last = Buffer.from(tail);
  let size = first.length + last.length + Math.max(0, rows.length - 1);
  for (const row of rows) size += row.template.bytes.length;
  const loan = lendPage(size);
  const { page } = loan;
  let at = first.copy(page);
  for (const [index, row] of rows.entries()) {
    if (index > 0) page[at++] = COMMA;
    at = writeRow(page, at, row);
  }
  last.copy(page, at);
  return loan;
}
