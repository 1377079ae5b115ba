import { MEMBER_ID_WIDTH } from './member-ids.ts';
import { buildSlotToken, createSlotLayout, readSlot } from './slots.ts';

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

/** Which of the dates a row has. */
export type DatePresence = Readonly<Record<'paid' | 'cancelled' | 'shipped' | 'returned', number | null>>;

export const ORDER_ID_WIDTH = 16;

/** Order id, member id, the two halves of a phone number, then days and times of the five dates. */
export const ORDER_LAYOUT = createSlotLayout([
  ORDER_ID_WIDTH,
  MEMBER_ID_WIDTH,
  4,
  4,
  10,
  8,
  10,
  8,
  10,
  8,
  10,
  8,
  10,
  8,
]);

export function toIso(moment: Moment | null): string | null {
  return moment === null ? null : `${moment.day}T${moment.time}+09:00`;
}

/** The form that order items carry their dates in. */
export function toItemDate(moment: Moment | null): string | null {
  return moment === null ? null : `${moment.day} ${moment.time}`;
}

function toSlots(dates: DatePresence, textOf: (slot: number) => string): OrderSlots {
  const momentOf = (slot: number): Moment => ({ day: textOf(slot), time: textOf(slot + 1) });
  return {
    orderId: textOf(0),
    memberId: textOf(1),
    phone: `${textOf(2)}-${textOf(3)}`,
    ordered: momentOf(4),
    paid: dates.paid === null ? null : momentOf(6),
    cancelled: dates.cancelled === null ? null : momentOf(8),
    shipped: dates.shipped === null ? null : momentOf(10),
    returned: dates.returned === null ? null : momentOf(12),
  };
}

export function readOrderSlots(dates: DatePresence, slots: Buffer): OrderSlots {
  return toSlots(dates, (slot) => readSlot(ORDER_LAYOUT, slots, slot));
}

/** The slots' tokens in place of their values, where the row has a value at all. */
export function buildTokenSlots(dates: DatePresence): OrderSlots {
  return toSlots(dates, (slot) => buildSlotToken(ORDER_LAYOUT, slot));
}
