import { z } from 'zod';
import { TerminalError } from '../domain/errors.ts';
import type { Mall } from '../domain/mall.ts';

export const MEMBER_DATE_TYPES = ['join', 'login'] as const;

export const SALES_SOURCE_SETTINGS = ['auto', 'hourlysales', 'orders'] as const;

/** The dates of an order that a pass over a period may be judged by. */
export const ORDER_DATE_TYPES = [
  'order_date',
  'pay_date',
  'shipbegin_date',
  'shipend_date',
  'cancel_date',
  'place_date',
  'cancel_request_date',
  'cancel_accept_date',
  'cancel_complete_date',
  'exchange_request_date',
  'exchange_accept_date',
  'exchange_complete_date',
  'return_request_date',
  'return_accept_date',
  'return_complete_date',
  'purchaseconfirmation_date',
] as const;

const mallSettings = z.object({
  memberDateTypes: z.array(z.enum(MEMBER_DATE_TYPES)).min(1).default(['join']),
  orderDateTypes: z.array(z.enum(ORDER_DATE_TYPES)).min(1).default(['order_date']),
  /** `auto`: the statistics where Cafe24 has approved the app for them, else figures from orders. */
  salesSource: z.enum(SALES_SOURCE_SETTINGS).default('auto'),
});

/** What a mall's `settings` say about how its data is read. */
export type MallSettings = z.infer<typeof mallSettings>;

/** @throws TerminalError ConfigInvalid naming the setting at fault. */
export function parseMallSettings({ mallId, settings }: Pick<Mall, 'mallId' | 'settings'>): MallSettings {
  const parsed = mallSettings.safeParse(settings);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `settings.${issue.path.join('.')}: ${issue.message}`);
  throw new TerminalError('ConfigInvalid', `mall ${mallId}: ${faults.join('; ')}`, { cause: parsed.error });
}
