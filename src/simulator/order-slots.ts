import { buildSlotToken } from './row-template.ts';

/** Days as `YYYY-MM-DD`, times as `HH:MM:SS`; both null where the order has no such date. */
export interface OrderSlots {
  readonly orderId: string;
  readonly memberId: string;
  readonly phone: string;
  readonly orderDay: string;
  readonly orderTime: string;
  readonly payDay: string | null;
  readonly payTime: string | null;
  readonly cancelDay: string | null;
  readonly cancelTime: string | null;
  readonly shipDay: string | null;
  readonly shipTime: string | null;
  readonly returnDay: string | null;
  readonly returnTime: string | null;
}

export function toIso(day: string | null, time: string | null): string | null {
  return day === null || time === null ? null : `${day}T${time}+09:00`;
}

export const ORDER_SLOT_WIDTHS = [16, 16, 9, 10, 8, 10, 8, 10, 8, 10, 8, 10, 8] as const;

const SLOT_NAMES = [
  'orderId',
  'memberId',
  'phone',
  'orderDay',
  'orderTime',
  'payDay',
  'payTime',
  'cancelDay',
  'cancelTime',
  'shipDay',
  'shipTime',
  'returnDay',
  'returnTime',
] as const satisfies readonly (keyof OrderSlots)[];

/** By slot number; a slot that the row does not have is never written. */
export function toSlotValues(slots: OrderSlots): string[] {
  return SLOT_NAMES.map((name) => slots[name] ?? '');
}

/** The slots' tokens in place of their values, where the given row has a value at all. */
export function buildTokenSlots(slots: OrderSlots): OrderSlots {
  const tokens = SLOT_NAMES.map((name, slot) => [
    name,
    slots[name] === null ? null : buildSlotToken(slot, ORDER_SLOT_WIDTHS[slot] ?? 0),
  ]);
  return Object.fromEntries(tokens) as unknown as OrderSlots;
}
