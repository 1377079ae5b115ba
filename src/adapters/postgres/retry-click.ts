import { TerminalError } from '../../domain/errors.ts';
import type { QueryPool } from './pool.ts';
import type { RetryWish } from './retry-request.ts';
import { createRetryRequests } from './retry-request.ts';
import { listRequestIds } from './retry-request-pick.ts';

/** A mall of a wish that is not to be run; `result` begins with a failure word and says why. */
export interface Refusal {
  readonly mallId: number;
  readonly result: string;
}

/** One domain type and period of what a person asked for at once. */
export interface ClickWish extends RetryWish {
  /** Malls among `mallIds` that are refused from the start. */
  readonly refusals: readonly Refusal[];
}

export interface SavedClick {
  readonly requestIds: readonly number[];
  /** False when the same was asked for under this key before. */
  readonly isNew: boolean;
}

/**
 * Writes the requests of one click, all of them or none. Sent again, by a double click or after a time-out, the same key
 * and wishes are the same requests. @throws TerminalError ConfigInvalid when the key stands for something else
 */
export async function saveClick(pool: QueryPool, key: string, wishes: readonly ClickWish[]): Promise<SavedClick> {
  return await pool.transaction(async (transaction) => {
    const requests = createRetryRequests({ pool: transaction });
    const requestIds: number[] = [];
    let added = 0;
    // in one order, so that two that send the same at once wait for each other instead of locking up
    for (const wish of wishes.toSorted((a, b) => (toName(a) < toName(b) ? -1 : 1))) {
      const { refusals, ...rest } = wish;
      const sent = await requests.create(`${key} ${toName(wish)}`, rest);
      requestIds.push(sent.requestId);
      if (!sent.isNew) continue;
      added += 1;
      for (const { mallId, result } of refusals) {
        const item = { mallId, state: 'REFUSED', instanceId: null, executionId: null, result } as const;
        await requests.saveItem(sent.requestId, item);
      }
    }
    const known = await listRequestIds(transaction, `${key} `);
    const isOneClick = known.length === requestIds.length && (added === 0 || added === requestIds.length);
    if (isOneClick) return { requestIds, isNew: added > 0 };
    throw new TerminalError('ConfigInvalid', `the idempotency key ${JSON.stringify(key)} stands for other runs`);
  });
}

/** What was asked for under this key before; null when nothing was. */
export async function findClick(pool: QueryPool, key: string): Promise<SavedClick | null> {
  const requestIds = await listRequestIds(pool, `${key} `);
  return requestIds.length === 0 ? null : { requestIds, isNew: false };
}

function toName({ domainType, startDate, endDate }: RetryWish): string {
  return `${domainType} ${startDate} ${endDate}`;
}
