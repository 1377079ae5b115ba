import { formatDay, parseDay, toEpochSeconds } from './korean-time.ts';
import type { MemberIdSource } from './member-ids.ts';
import { toOrderDates, type OrderDates } from './order-dates.ts';
import { getOrderProfiles, type Currency, type OrderProfile } from './order-profile.ts';
import { toMoment, type OrderSlots } from './order-slots.ts';
import { mix } from './random.ts';
import { dayOf, serialOf, toRef } from './row-ref.ts';
import type { RowStore } from './row-store.ts';

export interface OrderShop {
  readonly shopNo: number;
  readonly currency: Currency;
  readonly itemsPerOrder: number;
  /** The shop's place in the mall: order numbers are drawn per mall and day, so shops take turns. */
  readonly shopIndex: number;
  readonly shopCount: number;
  readonly memberIdSource: MemberIdSource;
}

/** What the generator knows of an order, by ref. */
export interface OrderFacts {
  profileOf(ref: number): OrderProfile;
  datesOf(ref: number, secondOfDay: number): OrderDates;
  slotsOf(ref: number): OrderSlots;
  orderIdOf(ref: number): string;
  parseOrderId(orderId: string): number | undefined;
}

export function createOrderFacts(shop: OrderShop, store: RowStore, key: number): OrderFacts {
  const profiles = getOrderProfiles(shop.currency, shop.itemsPerOrder);
  const hashOf = (ref: number): number => mix(mix(key, dayOf(ref)), serialOf(ref));

  function profileOf(ref: number): OrderProfile {
    const profile = profiles[hashOf(ref) % profiles.length];
    if (profile === undefined) throw new RangeError('there are no order profiles');
    return profile;
  }

  function datesOf(ref: number, secondOfDay: number): OrderDates {
    return toOrderDates(profileOf(ref), toEpochSeconds(dayOf(ref), secondOfDay), hashOf(ref));
  }

  function orderIdOf(ref: number): string {
    const day = formatDay(dayOf(ref));
    const sequence = serialOf(ref) * shop.shopCount + shop.shopIndex + 1;
    return `${day.slice(0, 4)}${day.slice(5, 7)}${day.slice(8)}-${String(sequence + 10_000_000).slice(1)}`;
  }

  return {
    profileOf,
    datesOf,
    orderIdOf,
    slotsOf(ref) {
      const hash = hashOf(ref);
      const { ordered, paid, cancelled, shipped, returned } = datesOf(ref, store.secondOf(ref));
      return {
        orderId: orderIdOf(ref),
        memberId: shop.memberIdSource(dayOf(ref), mix(hash, 21)),
        phone: `${1000 + (mix(hash, 22) % 9000)}-${1000 + (mix(hash, 23) % 9000)}`,
        ordered: toMoment(ordered),
        paid: paid === null ? null : toMoment(paid),
        cancelled: cancelled === null ? null : toMoment(cancelled),
        shipped: shipped === null ? null : toMoment(shipped),
        returned: returned === null ? null : toMoment(returned),
      };
    },
    parseOrderId(orderId) {
      const [, year, month, date, sequence] = /^(\d{4})(\d\d)(\d\d)-(\d{7})$/.exec(orderId) ?? [];
      const day = parseDay(`${year}-${month}-${date}`);
      const index = Number(sequence) - 1;
      if (day === undefined || index % shop.shopCount !== shop.shopIndex) return undefined;
      return toRef(day, Math.floor(index / shop.shopCount));
    },
  };
}
