import { toEpochSeconds } from './korean-time.ts';
import { DERIVED_ORDER_DATE_TYPES, ORDER_DELAY_DAYS, toOrderDate } from './order-dates.ts';
import { buildEmbedded } from './order-embeds.ts';
import type { OrderFacts, OrderShop } from './order-facts.ts';
import { formatCents } from './order-profile.ts';
import { buildOrder } from './order-row.ts';
import { buildTokenSlots, ORDER_LAYOUT, type OrderSlots } from './order-slots.ts';
import { dayOf } from './row-ref.ts';
import type { RowStore } from './row-store.ts';
import type { RowView } from './row-view.ts';
import type { Timeline } from './row-window.ts';
import type { RowModel } from './shop-rows.ts';
import { createDerivedTimeline, createOwnTimeline } from './timelines.ts';

const FLAW_FIELDS = {
  key: 'order_id',
  date: 'order_date',
  text: 'currency',
  limitedText: 'member_id',
  amount: 'payment_amount',
};

function raise(value: unknown, revision: number): string {
  return (Number(value) + revision).toFixed(2);
}

function raisePayment(amounts: unknown, revision: number): unknown {
  if (typeof amounts !== 'object' || amounts === null || !('payment_amount' in amounts)) return amounts;
  return { ...amounts, payment_amount: raise(amounts.payment_amount, revision) };
}

function revise(row: Readonly<Record<string, unknown>>, revision: number): Readonly<Record<string, unknown>> {
  if (revision === 0) return row;
  return {
    ...row,
    payment_amount: raise(row['payment_amount'], revision),
    initial_order_amount: raisePayment(row['initial_order_amount'], revision),
    actual_order_amount: raisePayment(row['actual_order_amount'], revision),
  };
}

function createTimelines(store: RowStore, facts: OrderFacts): Readonly<Record<string, Timeline>> {
  const derived = DERIVED_ORDER_DATE_TYPES.map((dateType) => {
    const timeOf = (ref: number, second: number): number | null =>
      toOrderDate(dateType, facts.datesOf(ref, second), facts.profileOf(ref));
    return [dateType, createDerivedTimeline(store, ORDER_DELAY_DAYS, timeOf)] as const;
  });
  return { order_date: createOwnTimeline(store), ...Object.fromEntries(derived) };
}

export function createOrderModel(shop: OrderShop, store: RowStore, facts: OrderFacts): RowModel {
  const timelines = createTimelines(store, facts);
  const orderedAt = (ref: number): number => toEpochSeconds(dayOf(ref), store.secondOf(ref));

  function build(ref: number, slots: OrderSlots, view: RowView): Readonly<Record<string, unknown>> {
    const profile = facts.profileOf(ref);
    return { ...buildOrder(profile, slots, shop), ...buildEmbedded(profile, slots, shop.shopNo, view.embed) };
  }

  return {
    shopNo: shop.shopNo,
    ownDateType: 'order_date',
    flawFields: FLAW_FIELDS,
    slotLayout: ORDER_LAYOUT,
    templateKey: `orders|${shop.shopNo}|${shop.currency}|${shop.itemsPerOrder}`,
    profileOf: (ref) => facts.profileOf(ref).index,
    build: (ref, view) => build(ref, facts.slotsOf(ref), view),
    buildWithTokens: (ref, view) => build(ref, buildTokenSlots(facts.datesOf(ref, store.secondOf(ref))), view),
    writeSlots: (ref, slots) => facts.writeSlots(ref, slots),
    revise,
    keyOf: (ref) => facts.orderIdOf(ref),
    parseKey: (orderId) => facts.parseOrderId(orderId),
    toCanonicalText(ref) {
      const profile = facts.profileOf(ref);
      const payment = formatCents(profile.actual.payment);
      return `${shop.shopNo}|${facts.orderIdOf(ref)}|${payment}|${orderedAt(ref)}|${profile.lines.length}`;
    },
    toEditedCanonicalText(ref, row) {
      const payment = Number(row['payment_amount']).toFixed(2);
      const itemCount = facts.profileOf(ref).lines.length;
      return [shop.shopNo, row['order_id'], payment, orderedAt(ref), itemCount].join('|');
    },
    timelineOf: (dateType) => timelines[dateType],
  };
}
