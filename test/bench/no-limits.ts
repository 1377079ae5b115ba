import { registerHooks } from 'node:module';

/**
 * Preloaded into the measured program (`--import`): the budget of calls is asked for in the database as ever, its answer
 * is not waited for. The API's limits would set the pace otherwise.
 */
const BUDGET = '/adapters/postgres/rate-budget.ts';
const REAL = '?real';

const UNLIMITED = `
import { createRateBudget as createReal } from './rate-budget.ts${REAL}';
export function createRateBudget(dependencies) {
  const real = createReal(dependencies);
  return {
    ...real,
    async takePermits(mallId, bucket, wanted, isBackfill) {
      await real.takePermits(mallId, bucket, wanted, isBackfill);
      return { granted: wanted, waitMs: 0, isQuota: false };
    },
  };
}`;

registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith(BUDGET)) return nextLoad(url, context);
    return { format: 'module', source: UNLIMITED, shortCircuit: true };
  },
});
