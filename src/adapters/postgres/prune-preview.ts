import type { DatabaseTransactionConnection } from 'slonik';
import type { QueryPool } from './pool.ts';
import type { PruneResult, Retention } from './prune.ts';
import { prune } from './prune.ts';

/** What `prune` would delete at this moment: it is done in one transaction and undone. */
export async function previewPrune(pool: QueryPool, retention: Retention, signal: AbortSignal): Promise<PruneResult> {
  let result: PruneResult | undefined;
  try {
    await pool.transaction(async (transaction) => {
      result = await prune(toPool(transaction), retention, signal);
      throw new Error('a preview is never committed');
    });
  } catch (error) {
    if (result === undefined) throw error;
  }
  if (result === undefined) throw new Error('a preview ends with its result');
  return result;
}

/** Transactions inside become savepoints. */
function toPool(transaction: DatabaseTransactionConnection): QueryPool {
  return {
    any: (query) => transaction.any(query),
    anyFirst: (query) => transaction.anyFirst(query),
    connect: (work) => Promise.resolve(work(transaction)),
    exists: (query) => transaction.exists(query),
    maybeOne: (query) => transaction.maybeOne(query),
    maybeOneFirst: (query) => transaction.maybeOneFirst(query),
    one: (query) => transaction.one(query),
    oneFirst: (query) => transaction.oneFirst(query),
    query: (query) => transaction.query(query),
    transaction: (work) => transaction.transaction(work),
  };
}
