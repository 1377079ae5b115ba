import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import type { ClickWish, Refusal, SavedClick } from '../../adapters/postgres/retry-click.ts';
import { saveClick } from '../../adapters/postgres/retry-click.ts';
import type { RetryKind } from '../../adapters/postgres/retry-request.ts';
import { TerminalError } from '../../domain/errors.ts';
import { BadInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';
import { audited } from '../security/audited.ts';
import type { PlanItem, RerunPlan } from './plan.ts';

export interface ClickOptions {
  readonly kind: Exclude<RetryKind, 'STOP'>;
  readonly reason: string;
  /** REPLAY_REJECTED: only these groups; null for all. */
  readonly fingerprints: readonly string[] | null;
  readonly requestedBy: string;
}

/** The idempotency key of a form that is rendered now. */
export function createClickKey(): string {
  return `page-${randomUUID()}`;
}

/** One wish a group. What runs or is complete is in it too: whoever carries it out says so in its result. */
export function buildClick(plan: RerunPlan, options: ClickOptions): readonly ClickWish[] {
  return plan.groups.map(({ domainType, startDate, endDate, pageSize, items }) => ({
    ...options,
    domainType,
    startDate,
    endDate,
    pageSize,
    mallIds: items.map(({ candidate }) => candidate.mallId),
    refusals: items.flatMap(toRefusal),
  }));
}

/** What the ledger would not refuse by itself. */
function toRefusal({ candidate: { mallId, domainType }, why }: PlanItem): readonly Refusal[] {
  if (why === 'mallInactive') return [{ mallId, result: 'ConfigInvalid: the mall is not active' }];
  if (why === 'domainOff') return [{ mallId, result: `ConfigInvalid: the mall is not registered for ${domainType}` }];
  return [];
}

export interface ClickSubject {
  /** What the audit log calls it. */
  readonly action: string;
  readonly target: string;
}

/**
 * Writes the click and records it.
 * @throws BadInput naming `key` when it stands for something else
 */
export async function sendClick(
  c: Context<AdminEnv>,
  context: AdminContext,
  subject: ClickSubject,
  key: string,
  wishes: readonly ClickWish[],
): Promise<SavedClick> {
  return await audited(c, context, subject, async () => {
    const result = await saveClick(context.database.pool, key, wishes).catch((error: unknown) => {
      if (!(error instanceof TerminalError) || error.reason !== 'ConfigInvalid') throw error;
      throw new BadInput({ field: 'key', message: error.message });
    });
    return { result, detail: describe(key, wishes, result) };
  });
}

function describe(key: string, wishes: readonly ClickWish[], { isNew }: SavedClick) {
  const [first] = wishes;
  return {
    key,
    isNew,
    kind: first?.kind ?? null,
    reason: first?.reason ?? '',
    requests: wishes.length,
    malls: wishes.reduce((sum, { mallIds }) => sum + mallIds.length, 0),
  };
}
