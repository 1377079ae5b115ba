import { isCancelled, isPaid, isShipped, type OrderProfile } from './order-profile.ts';
import { mix } from './random.ts';

/** Epoch seconds. */
export interface OrderDates {
  readonly ordered: number;
  readonly paid: number | null;
  readonly cancelled: number | null;
  readonly shipped: number | null;
  readonly returned: number | null;
}

const HOUR = 3600;

/** How many days after its order a date may fall; the sum of the longest delays below, rounded up. */
export const ORDER_DELAY_DAYS = 3;

/** A payment comes within a day; cancelling, shipping and returning within two days of it. */
export function toOrderDates(profile: OrderProfile, ordered: number, hash: number): OrderDates {
  const delay = mix(hash, 11);
  const paid = isPaid(profile.state)
    ? ordered + (profile.isBankTransfer ? 600 + (delay % (20 * HOUR)) : 5 + (delay % 300))
    : null;
  const settled = paid ?? ordered;
  const shipped = isShipped(profile.state) ? settled + 5 * HOUR + (mix(hash, 12) % (12 * HOUR)) : null;
  return {
    ordered,
    paid,
    cancelled: isCancelled(profile.state) ? settled + HOUR + (mix(hash, 13) % (18 * HOUR)) : null,
    shipped,
    returned: profile.state === 'returned' && shipped !== null ? shipped + 4 * HOUR : null,
  };
}

const SELECTORS: Readonly<Record<string, (dates: OrderDates, profile: OrderProfile) => number | null>> = {
  pay_date: (dates) => dates.paid,
  place_date: (dates) => dates.paid,
  shipbegin_date: (dates) => dates.shipped,
  shipend_date: (dates, profile) => (profile.state === 'delivered' ? dates.shipped : null),
  cancel_date: (dates) => dates.cancelled,
  cancel_request_date: (dates) => dates.cancelled,
  cancel_accept_date: (dates) => dates.cancelled,
  cancel_complete_date: (dates) => dates.cancelled,
  return_request_date: (dates) => dates.returned,
  return_accept_date: (dates) => dates.returned,
  return_complete_date: (dates) => dates.returned,
  exchange_request_date: () => null,
  exchange_accept_date: () => null,
  exchange_complete_date: () => null,
  purchaseconfirmation_date: () => null,
};

export const DERIVED_ORDER_DATE_TYPES = Object.keys(SELECTORS);

export function toOrderDate(dateType: string, dates: OrderDates, profile: OrderProfile): number | null {
  return SELECTORS[dateType]?.(dates, profile) ?? null;
}
