import { lendPage, type PageLoan } from './page-loans.ts';
import { buildSlotToken, type SlotLayout } from './slots.ts';

/**
 * A row rendered once with its slots left open, so that a page is made by copying bytes.
 * `places` holds threes: byte offset in the row, offset in the slots, width.
 */
export interface RowTemplate {
  readonly bytes: Uint8Array;
  readonly places: Int32Array;
}

const NO_PLACES = new Int32Array(0);

export function compileTemplate(json: string, layout: SlotLayout): RowTemplate {
  const bytes = Buffer.from(json);
  const places: number[] = [];
  for (const [slot, width] of layout.widths.entries()) {
    const token = buildSlotToken(layout, slot);
    for (let at = bytes.indexOf(token); at >= 0; at = bytes.indexOf(token, at + width)) {
      places.push(at, layout.offsets[slot] ?? 0, width);
    }
  }
  return { bytes: Uint8Array.from(bytes), places: Int32Array.from(places) };
}

export function buildPlainTemplate(row: Readonly<Record<string, unknown>>): RowTemplate {
  return { bytes: Buffer.from(JSON.stringify(row)), places: NO_PLACES };
}

const COMMA = 44;

function fillPlaces(page: Buffer, start: number, places: Int32Array, slots: Uint8Array): void {
  for (let n = 0; n < places.length; n += 3) {
    const at = start + (places[n] ?? 0);
    const from = places[n + 1] ?? 0;
    const width = places[n + 2] ?? 0;
    for (let i = 0; i < width; i++) page[at + i] = slots[from + i] ?? 0;
  }
}

export interface PageParts {
  readonly head: string;
  readonly tail: string;
  readonly templates: readonly RowTemplate[];
  /** Fills the slots of the row at the index; asked only for rows that have some. */
  readonly writeSlots: (index: number, slots: Uint8Array) => void;
  readonly layout: SlotLayout;
}

/** The rows with commas between them, between `head` and `tail`, in a buffer on loan. */
export function renderPage({ head, tail, templates, writeSlots, layout }: PageParts): PageLoan {
  const first = Buffer.from(head);
  const last = Buffer.from(tail);
  let size = first.length + last.length + Math.max(0, templates.length - 1);
  for (const { bytes } of templates) size += bytes.length;
  const loan = lendPage(size);
  const { page } = loan;
  const slots = new Uint8Array(layout.size);
  let at = first.copy(page);
  for (const [index, { bytes, places }] of templates.entries()) {
    if (index > 0) page[at++] = COMMA;
    page.set(bytes, at);
    if (places.length > 0) {
      writeSlots(index, slots);
      fillPlaces(page, at, places, slots);
    }
    at += bytes.length;
  }
  last.copy(page, at);
  return loan;
}
