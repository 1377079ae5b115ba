import { formatDay, formatTime, toDay, toSecondOfDay } from './korean-time.ts';
import { buildSlotToken } from './row-template.ts';

/** A day as `YYYY-MM-DD` and a time as `HH:MM:SS`. */
export interface Moment {
  readonly day: string;
  readonly time: string;
}

export interface OrderSlots {
  readonly orderId: string;
  readonly memberId: string;
  readonly phone: string;
  readonly ordered: Moment;
  readonly paid: Moment | null;
  readonly cancelled: Moment | null;
  readonly shipped: Moment | null;
  readonly returned: Moment | null;
}

export const ORDER_SLOT_WIDTHS = [16, 16, 9, 10, 8, 10, 8, 10, 8, 10, 8, 10, 8] as const;

export function toMoment(epochSeconds: number): Moment {
  return { day: formatDay(toDay(epochSeconds)), time: formatTime(toSecondOfDay(epochSeconds)) };
}

export function toIso(moment: Moment | null): string | null {
  return moment === null ? null : `${moment.day}T${moment.time}+09:00`;
}

/** The form that order items carry their dates in. */
export function toItemDate(moment: Moment | null): string | null {
  return moment === null ? null : `${moment.day} ${moment.time}`;
}

/** By slot number; a slot that the row does not have is never written. */
export function toSlotValues({ orderId, memberId, phone, ordered, paid, ...later }: OrderSlots): string[] {
  const { cancelled, shipped, returned } = later;
  const values = [orderId, memberId, phone, ordered.day, ordered.time];
  for (const moment of [paid, cancelled, shipped, returned]) values.push(moment?.day ?? '', moment?.time ?? '');
  return values;
}

function toToken(slot: number): string {
  return buildSlotToken(slot, ORDER_SLOT_WIDTHS[slot] ?? 0);
}

function toTokenMoment(slot: number): Moment {
  return { day: toToken(slot), time: toToken(slot + 1) };
}

/** The slots' tokens in place of their values, where the given row has a value at all. */
export function buildTokenSlots(slots: OrderSlots): OrderSlots {
  return {
    orderId: toToken(0),
    memberId: toToken(1),
    phone: toToken(2),
    ordered: toTokenMoment(3),
    paid: slots.paid && toTokenMoment(5),
    cancelled: slots.cancelled && toTokenMoment(7),
    shipped: slots.shipped && toTokenMoment(9),
    returned: slots.returned && toTokenMoment(11),
  };
}
