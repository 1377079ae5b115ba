import { formatDay } from './korean-time.ts';

/** Fixed-width ASCII texts that tell one row from another, side by side in one small array. */
export interface SlotLayout {
  readonly widths: readonly number[];
  readonly offsets: readonly number[];
  readonly size: number;
}

export function createSlotLayout(widths: readonly number[]): SlotLayout {
  const offsets: number[] = [];
  let size = 0;
  for (const width of widths) {
    offsets.push(size);
    size += width;
  }
  return { widths, offsets, size };
}

/** Stands for the slot's text while a template is rendered; no text of a row begins like it. */
export function buildSlotToken(layout: SlotLayout, slot: number): string {
  return `@${String.fromCharCode(97 + slot)}~`.padEnd(layout.widths[slot] ?? 0, '~');
}

export function readSlot(layout: SlotLayout, slots: Buffer, slot: number): string {
  const from = layout.offsets[slot] ?? 0;
  return slots.toString('latin1', from, from + (layout.widths[slot] ?? 0));
}

const ZERO = 48;

/** The last `width` decimal digits of the number. */
export function writeDigits(slots: Uint8Array, at: number, width: number, value: number): void {
  let rest = value;
  for (let place = at + width - 1; place >= at; place--) {
    const tenth = Math.floor(rest / 10);
    slots[place] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
}

export function writeText(slots: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) slots[at + i] = text.charCodeAt(i);
}

/** `YYYY-MM-DD` */
export function writeDay(slots: Uint8Array, at: number, day: number): void {
  writeText(slots, at, formatDay(day));
}

/** `HH:MM:SS` */
export function writeTime(slots: Uint8Array, at: number, secondOfDay: number): void {
  const minutes = Math.floor(secondOfDay / 60);
  const hours = Math.floor(minutes / 60);
  writeDigits(slots, at, 2, hours);
  slots[at + 2] = 58;
  writeDigits(slots, at + 3, 2, minutes - hours * 60);
  slots[at + 5] = 58;
  writeDigits(slots, at + 6, 2, secondOfDay - minutes * 60);
}
