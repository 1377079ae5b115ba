import type { OrderFacts } from './order-facts.ts';
import type { OrderProfile } from './order-profile.ts';
import type { RowStore } from './row-store.ts';

/** What statistics need to know of an order, later changes included. */
export interface OrderPayment {
  readonly profile: OrderProfile;
  /** Epoch seconds. */
  readonly paidAt: number | null;
  readonly initialCents: number;
  readonly actualCents: number;
}

function toOverriddenCents(overrides: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const amounts = overrides?.['actual_order_amount'];
  const isObject = typeof amounts === 'object' && amounts !== null && 'payment_amount' in amounts;
  const payment = isObject ? amounts.payment_amount : overrides?.['payment_amount'];
  return typeof payment === 'string' ? Math.round(Number(payment) * 100) : undefined;
}

export function readOrderPayment(facts: OrderFacts, store: RowStore, ref: number): OrderPayment {
  const profile = facts.profileOf(ref);
  const marks = store.marksOf(ref);
  const raised = (marks?.revision ?? 0) * 100;
  return {
    profile,
    paidAt: facts.datesOf(ref, store.secondOf(ref)).paid,
    initialCents: profile.initial.payment + raised,
    actualCents: toOverriddenCents(marks?.overrides) ?? profile.actual.payment + raised,
  };
}
