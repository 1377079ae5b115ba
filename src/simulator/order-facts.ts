import { formatDay, parseDay, toDay, toEpochSeconds, toSecondOfDay } from './korean-time.ts';
import { writeMemberId, type MemberSource } from './member-ids.ts';
import { toOrderDates, type OrderDates } from './order-dates.ts';
import { getOrderProfiles, type Currency, type OrderProfile } from './order-profile.ts';
import { ORDER_ID_WIDTH, ORDER_LAYOUT, readOrderSlots, type OrderSlots } from './order-slots.ts';
import { mix } from './random.ts';
import { dayOf, serialOf, toRef } from './row-ref.ts';
import type { RowStore } from './row-store.ts';
import { writeDay, writeDigits, writeText, writeTime } from './slots.ts';

export interface OrderShop {
  readonly shopNo: number;
  readonly currency: Currency;
  readonly itemsPerOrder: number;
  /** The shop's place in the mall: order numbers are drawn per mall and day, so shops take turns. */
  readonly shopIndex: number;
  readonly shopCount: number;
  readonly memberSource: MemberSource;
}

/** What the generator knows of an order, by ref. */
export interface OrderFacts {
  profileOf(ref: number): OrderProfile;
  datesOf(ref: number, secondOfDay: number): OrderDates;
  writeSlots(ref: number, slots: Uint8Array): void;
  slotsOf(ref: number): OrderSlots;
  orderIdOf(ref: number): string;
  parseOrderId(orderId: string): number | undefined;
}

const HYPHEN = 45;
const [, MEMBER_AT = 0, PHONE_AT = 0] = ORDER_LAYOUT.offsets;
const FIRST_MOMENT_SLOT = 4;

function writeMoment(slots: Uint8Array, moment: number, epochSeconds: number): void {
  const slot = FIRST_MOMENT_SLOT + 2 * moment;
  writeDay(slots, ORDER_LAYOUT.offsets[slot] ?? 0, toDay(epochSeconds));
  writeTime(slots, ORDER_LAYOUT.offsets[slot + 1] ?? 0, toSecondOfDay(epochSeconds));
}

export function createOrderFacts(shop: OrderShop, store: RowStore, key: number): OrderFacts {
  const profiles = getOrderProfiles(shop.currency, shop.itemsPerOrder);
  const hashOf = (ref: number): number => mix(mix(key, dayOf(ref)), serialOf(ref));
  const scratch = Buffer.alloc(ORDER_LAYOUT.size);

  function profileOf(ref: number): OrderProfile {
    const profile = profiles[hashOf(ref) % profiles.length];
    if (profile === undefined) throw new RangeError('there are no order profiles');
    return profile;
  }

  function datesOf(ref: number, secondOfDay: number): OrderDates {
    return toOrderDates(profileOf(ref), toEpochSeconds(dayOf(ref), secondOfDay), hashOf(ref));
  }

  function writeOrderId(ref: number, slots: Uint8Array): void {
    const day = formatDay(dayOf(ref));
    writeText(slots, 0, day.slice(0, 4));
    writeText(slots, 4, day.slice(5, 7));
    writeText(slots, 6, day.slice(8));
    slots[8] = HYPHEN;
    writeDigits(slots, 9, 7, serialOf(ref) * shop.shopCount + shop.shopIndex + 1);
  }

  function writeSlots(ref: number, slots: Uint8Array): void {
    const hash = hashOf(ref);
    const { ordered, paid, cancelled, shipped, returned } = datesOf(ref, store.secondOf(ref));
    writeOrderId(ref, slots);
    writeMemberId(slots, MEMBER_AT, shop.shopNo, shop.memberSource(dayOf(ref), mix(hash, 21)));
    writeDigits(slots, PHONE_AT, 8, (mix(hash, 22) % 90_000_000) + 10_000_000);
    writeMoment(slots, 0, ordered);
    if (paid !== null) writeMoment(slots, 1, paid);
    if (cancelled !== null) writeMoment(slots, 2, cancelled);
    if (shipped !== null) writeMoment(slots, 3, shipped);
    if (returned !== null) writeMoment(slots, 4, returned);
  }

  function slotsOf(ref: number): OrderSlots {
    writeSlots(ref, scratch);
    return readOrderSlots(datesOf(ref, store.secondOf(ref)), scratch);
  }

  return {
    profileOf,
    datesOf,
    writeSlots,
    slotsOf,
    orderIdOf(ref) {
      writeOrderId(ref, scratch);
      return scratch.toString('latin1', 0, ORDER_ID_WIDTH);
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
