import { createBoundedCache } from './bounded-cache.ts';
import { formatDay, formatTime, parseDay, toDay, toEpochSeconds, toSecondOfDay } from './korean-time.ts';
import type { MemberIdSource } from './member-rows.ts';
import {
  DERIVED_ORDER_DATE_TYPES,
  ORDER_DELAY_DAYS,
  toOrderDate,
  toOrderDates,
  type OrderDates,
} from './order-dates.ts';
import { buildEmbedded } from './order-embeds.ts';
import { formatCents, getOrderProfiles, type Currency, type OrderProfile } from './order-profile.ts';
import { buildOrder } from './order-row.ts';
import { buildTokenSlots, ORDER_SLOT_WIDTHS, toSlotValues, type OrderSlots } from './order-slots.ts';
import { applyFlaw, type FlawFields } from './poison.ts';
import { mix } from './random.ts';
import { dayOf, serialOf, toRef } from './row-ref.ts';
import type { RowStore } from './row-store.ts';
import { buildPlainText, compileTemplate, type RowTemplate } from './row-template.ts';
import { keepFields, toViewKey, WHOLE_ROW, type RowView } from './row-view.ts';
import type { Timeline } from './row-window.ts';
import type { ShopRows } from './shop-rows.ts';
import { createDerivedTimeline, createOwnTimeline } from './timelines.ts';

export interface OrderShop {
  readonly shopNo: number;
  readonly currency: Currency;
  readonly itemsPerOrder: number;
  /** The shop's place in the mall: order numbers are drawn per mall and day, so shops take turns. */
  readonly shopIndex: number;
  readonly shopCount: number;
  readonly memberIdSource: MemberIdSource;
}

/** What statistics need to know of an order. */
export interface OrderFacts {
  readonly profile: OrderProfile;
  readonly paidAt: number | null;
  readonly initialPaymentCents: number;
  readonly actualPaymentCents: number;
}

export interface OrderRows extends ShopRows {
  factsOf(ref: number): OrderFacts;
}

const FLAW_FIELDS: FlawFields = {
  key: 'order_id',
  date: 'order_date',
  text: 'currency',
  limitedText: 'member_id',
  amount: 'payment_amount',
};

const templates = createBoundedCache<Map<number, RowTemplate>>(24);

function toSlotTime(time: number | null): readonly [string, string] | readonly [null, null] {
  return time === null ? [null, null] : [formatDay(toDay(time)), formatTime(toSecondOfDay(time))];
}

function bumpRevision(row: Record<string, unknown>, revision: number): Record<string, unknown> {
  if (revision === 0) return row;
  const payment = (Number(row['payment_amount']) + revision).toFixed(2);
  const withMore = (name: string): Record<string, unknown> => {
    const amounts = row[name] as Readonly<Record<string, unknown>>;
    return { ...amounts, payment_amount: (Number(amounts['payment_amount']) + revision).toFixed(2) };
  };
  return {
    ...row,
    payment_amount: payment,
    initial_order_amount: withMore('initial_order_amount'),
    actual_order_amount: withMore('actual_order_amount'),
  };
}

function toOverriddenCents(overrides: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const actual = overrides?.['actual_order_amount'] as Readonly<Record<string, unknown>> | undefined;
  const payment = actual?.['payment_amount'] ?? overrides?.['payment_amount'];
  return typeof payment === 'string' ? Math.round(Number(payment) * 100) : undefined;
}

/** Row facts, from the shop's store and the generator. */
function createOrderFacts(shop: OrderShop, store: RowStore, key: number) {
  const profiles = getOrderProfiles(shop.currency, shop.itemsPerOrder);
  const hashOf = (ref: number): number => mix(mix(key, dayOf(ref)), serialOf(ref));

  function profileOf(hash: number): OrderProfile {
    const profile = profiles[hash % profiles.length];
    if (profile === undefined) throw new RangeError('no order profiles');
    return profile;
  }

  function toOrderId(ref: number): string {
    const sequence = serialOf(ref) * shop.shopCount + shop.shopIndex + 1;
    return `${formatDay(dayOf(ref)).replaceAll('-', '')}-${String(sequence + 10_000_000).slice(1)}`;
  }

  function datesOf(ref: number, second: number): OrderDates {
    const hash = hashOf(ref);
    return toOrderDates(profileOf(hash), toEpochSeconds(dayOf(ref), second), hash);
  }

  function toSlots(ref: number): OrderSlots {
    const dates = datesOf(ref, store.secondOf(ref));
    const hash = hashOf(ref);
    const [orderDay, orderTime] = toSlotTime(dates.ordered) as [string, string];
    const [payDay, payTime] = toSlotTime(dates.paid);
    const [cancelDay, cancelTime] = toSlotTime(dates.cancelled);
    const [shipDay, shipTime] = toSlotTime(dates.shipped);
    const [returnDay, returnTime] = toSlotTime(dates.returned);
    const memberId = shop.memberIdSource(dayOf(ref), mix(hash, 21)).padEnd(16, '0');
    const phone = `${1000 + (mix(hash, 22) % 9000)}-${1000 + (mix(hash, 23) % 9000)}`;
    return {
      ...{ orderId: toOrderId(ref), memberId, phone, orderDay, orderTime, payDay, payTime },
      ...{ cancelDay, cancelTime, shipDay, shipTime, returnDay, returnTime },
    };
  }

  function factsOf(ref: number): OrderFacts {
    const profile = profileOf(hashOf(ref));
    const marks = store.marksOf(ref);
    const more = (marks?.revision ?? 0) * 100;
    return {
      profile,
      paidAt: datesOf(ref, store.secondOf(ref)).paid,
      initialPaymentCents: profile.initial.payment + more,
      actualPaymentCents: toOverriddenCents(marks?.overrides) ?? profile.actual.payment + more,
    };
  }

  return { hashOf, profileOf, toOrderId, datesOf, toSlots, factsOf };
}

function createOrderTimelines(store: RowStore, facts: ReturnType<typeof createOrderFacts>): Record<string, Timeline> {
  const timelines: Record<string, Timeline> = { order_date: createOwnTimeline(store) };
  for (const dateType of DERIVED_ORDER_DATE_TYPES) {
    timelines[dateType] = createDerivedTimeline(store, ORDER_DELAY_DAYS, (ref, second) =>
      toOrderDate(dateType, facts.datesOf(ref, second), facts.profileOf(facts.hashOf(ref))),
    );
  }
  return timelines;
}

export function createOrderRows(shop: OrderShop, store: RowStore, key: number): OrderRows {
  const facts = createOrderFacts(shop, store, key);
  const timelines = createOrderTimelines(store, facts);

  function build(profile: OrderProfile, slots: OrderSlots, view: RowView): Record<string, unknown> {
    return { ...buildOrder(profile, slots, shop), ...buildEmbedded(profile, slots, shop.shopNo, view.embed) };
  }

  function toObject(ref: number, view: RowView): Record<string, unknown> {
    const hash = facts.hashOf(ref);
    const marks = store.marksOf(ref);
    const made = bumpRevision(build(facts.profileOf(hash), facts.toSlots(ref), view), marks?.revision ?? 0);
    const row = { ...made, ...marks?.overrides };
    return keepFields(marks?.flaw === undefined ? row : applyFlaw(row, marks.flaw, FLAW_FIELDS, hash), view);
  }

  function templateOf(
    known: Map<number, RowTemplate>,
    profile: OrderProfile,
    slots: OrderSlots,
    view: RowView,
  ): RowTemplate {
    const template = known.get(profile.index);
    if (template !== undefined) return template;
    const row = keepFields(build(profile, buildTokenSlots(slots), view), view);
    const compiled = compileTemplate(JSON.stringify(row), ORDER_SLOT_WIDTHS);
    known.set(profile.index, compiled);
    return compiled;
  }

  return {
    shopNo: shop.shopNo,
    store,
    ownDateType: 'order_date',
    timelineOf: (dateType) => timelines[dateType],
    keyOf: facts.toOrderId,
    refOf(orderId) {
      const [, year, month, date, sequence] = /^(\d{4})(\d\d)(\d\d)-(\d{7})$/.exec(orderId) ?? [];
      const day = parseDay(`${year}-${month}-${date}`);
      const index = Number(sequence) - 1;
      if (day === undefined || index % shop.shopCount !== shop.shopIndex) return undefined;
      const ref = toRef(day, Math.floor(index / shop.shopCount));
      return store.has(ref) ? ref : undefined;
    },
    toObject,
    toTexts(refs, view) {
      const viewKey = `${shop.shopNo}|${shop.currency}|${shop.itemsPerOrder}|${toViewKey(view)}`;
      const known = templates.getOrBuild(
        viewKey,
        () => new Map(),
        () => 1,
      );
      return refs.map((ref) => {
        if (store.marksOf(ref) !== undefined) return buildPlainText(toObject(ref, view));
        const profile = facts.profileOf(facts.hashOf(ref));
        const slots = facts.toSlots(ref);
        return { template: templateOf(known, profile, slots, view), values: toSlotValues(slots) };
      });
    },
    flawOf: (ref) => store.marksOf(ref)?.flaw,
    toCanonicalText(ref) {
      const ordered = toEpochSeconds(dayOf(ref), store.secondOf(ref));
      const itemCount = facts.profileOf(facts.hashOf(ref)).lines.length;
      if (store.marksOf(ref) === undefined) {
        const payment = formatCents(facts.profileOf(facts.hashOf(ref)).actual.payment);
        return `${shop.shopNo}|${facts.toOrderId(ref)}|${payment}|${ordered}|${itemCount}`;
      }
      const row = toObject(ref, WHOLE_ROW);
      return [shop.shopNo, row['order_id'], Number(row['payment_amount']).toFixed(2), ordered, itemCount].join('|');
    },
    factsOf: facts.factsOf,
  };
}
