import { openMallApi } from '../../adapters/cafe24/mall-api.ts';
import { createTransport } from '../../adapters/cafe24/transport.ts';
import { createCipher } from '../../adapters/postgres/cipher.ts';
import { createCredentialStore } from '../../adapters/postgres/credential-store.ts';
import { abandonLostExecutions } from '../../adapters/postgres/execution-stop.ts';
import { parseKeyRing } from '../../adapters/postgres/key-ring.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { prune } from '../../adapters/postgres/prune.ts';
import { createRateBudget } from '../../adapters/postgres/rate-budget.ts';
import { createTokenStore } from '../../adapters/postgres/token-store.ts';
import { DAY_MS } from '../../domain/seoul-time.ts';
import { createRunMeter } from '../../engine/call-meter.ts';
import type { ServeContext } from './serve-context.ts';
import { guard } from './serve-context.ts';

/** Half of a refresh token's life: a mall that nothing is read of for this long would lose its consent unseen. */
const IDLE_SECONDS = (7 * DAY_MS) / 1_000;

/** What has to be done once a day: retention, executions that nobody holds, tokens that nobody uses. */
export async function careDaily(context: ServeContext, signal: AbortSignal): Promise<void> {
  const { settings, database, log } = context;
  await guard(context, 'prune', signal, async () => {
    const retention = { rejectedRowDays: settings.rejectedDays, historyDays: settings.historyDays };
    const { executions: prunedExecutions, ...others } = await prune(database.pool, retention, signal);
    log.info('pruned', { prunedExecutions, ...others });
  });
  await guard(context, 'abandon', signal, async () => {
    const executionIds = await abandonLostExecutions(database);
    if (executionIds.length > 0) log.warn('executions abandoned', { executionIds });
  });
  await guard(context, 'idle tokens', signal, () => refreshIdleTokens(context, signal));
}

async function refreshIdleTokens(context: ServeContext, signal: AbortSignal): Promise<void> {
  const { settings, database, clock, log } = context;
  const options = { pool: database.pool, cipher: createCipher(parseKeyRing(settings.encryptionKeys)) };
  const mallIds = await createCredentialStore(options).listIdle(IDLE_SECONDS);
  if (mallIds.length === 0) return;
  const malls = await createMallStore(database).selectMalls({ kind: 'ids', mallIds });
  const transport = createTransport(clock);
  try {
    for (const mall of malls) {
      const api = openMallApi({
        mall,
        transport,
        clock,
        budget: createRateBudget(database),
        tokenStore: createTokenStore(options),
        meter: createRunMeter(clock),
        urlTemplate: settings.cafe24Url,
        apiVersion: settings.cafe24ApiVersion,
        isBackfill: false,
        retryLostConsent: false,
        tokenObserver: {},
      });
      const { mallId } = mall;
      await guard(context, 'idle token', signal, async () => {
        if (await api.tokens.refreshIdle(signal)) log.info('idle tokens refreshed', { mallId });
      });
      await api.close();
    }
  } finally {
    await transport.close();
  }
}
