import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/domain/clock.ts';
import { parsePeriod } from '../../src/domain/period.ts';
import { createRunMeter } from '../../src/engine/call-meter.ts';
import { DEFAULT_API_VERSION } from '../../src/adapters/cafe24/client.ts';
import { openMallApi } from '../../src/adapters/cafe24/mall-api.ts';
import { createPageSource } from '../../src/adapters/cafe24/page-source.ts';
import { createTransport } from '../../src/adapters/cafe24/transport.ts';
import { createCipher } from '../../src/adapters/postgres/cipher.ts';
import { openDatabase, type Database } from '../../src/adapters/postgres/database.ts';
import { parseKeyRing } from '../../src/adapters/postgres/key-ring.ts';
import { createMallImporter } from '../../src/adapters/postgres/mall-import-store.ts';
import { parseMallImports } from '../../src/adapters/postgres/mall-import.ts';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { createRateBudget } from '../../src/adapters/postgres/rate-budget.ts';
import { createTokenStore } from '../../src/adapters/postgres/token-store.ts';
import { startEmbeddedDatabase } from '../../src/commands/demo/embedded-database.ts';
import { startSimulator, type Simulator } from '../../src/simulator/start.ts';
import { MEMBERS } from '../support/cafe24-resources.ts';

/**
 * How much of what a bucket of 40 and 2 calls a second permits is used, and how many calls were refused, at a latency of
 * 100 and of 900 ms: `node test/bench/rate-bound.ts [--seconds 60] [--in-flight 8]`. The budget is the one in PostgreSQL.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    'in-flight': { type: 'string', default: '8' },
    latencies: { type: 'string', default: '100,900' },
  },
});
const cipher = createCipher(parseKeyRing(`bench:${randomBytes(32).toString('base64')}`));
const window = { ...parsePeriod('2025-12-01T00:00:00', '2025-12-02T00:00:00'), shopNo: 1, dateType: 'join' };

async function measure(simulator: Simulator, database: Database, mallId: number, latencyMs: number): Promise<object> {
  const cafe24MallId = `bench-${latencyMs}`;
  const credential = { clientId: 'app', clientSecret: 'secret', refreshToken: `first-${latencyMs}` };
  simulator.control.addMall({ cafe24MallId, ...credential, membersPerDay: 9_000, behaviour: { latencyMs } });
  const imported = parseMallImports([{ mallId, cafe24MallId, ...credential }]);
  await createMallImporter({ pool: database.pool, cipher }).importMalls(imported, false);
  const transport = createTransport(systemClock);
  const api = openMallApi({
    mall: { mallId, cafe24MallId },
    transport,
    budget: createRateBudget({ pool: database.pool }),
    tokenStore: createTokenStore({ pool: database.pool, cipher }),
    meter: createRunMeter(systemClock),
    clock: systemClock,
    urlTemplate: simulator.cafe24Url,
    apiVersion: DEFAULT_API_VERSION,
    isBackfill: false,
    retryLostConsent: false,
    tokenObserver: {},
  });
  const source = createPageSource({ client: api.client, mall: { shopNos: [1] }, resource: MEMBERS });
  await api.tokens.current(new AbortController().signal);
  const stop = new AbortController();
  const readOn = async (): Promise<void> => {
    while (!stop.signal.aborted) await source.fetchPage(window, 0, 1_000, stop.signal);
  };
  const readers = Array.from({ length: Number(values['in-flight']) }, () => readOn().catch(() => undefined));
  await systemClock.sleep(Number(values.seconds) * 1_000, stop.signal);
  const stats = simulator.control.readStats(cafe24MallId);
  stop.abort();
  await Promise.all(readers);
  await api.close();
  await transport.close();
  const members = stats.endpoints['customersprivacy'];
  return {
    'latency ms': latencyMs,
    calls: members?.calls,
    'used of permitted %': Number(((members?.permittedCallsUsed ?? 0) * 100).toFixed(2)),
    refused: stats.tooManyRequests,
    'most a second': stats.maxCallsPerSecond,
  };
}

const dataDir = join(tmpdir(), `mallsync-bench-${randomUUID().slice(0, 8)}`);
const server = await startEmbeddedDatabase({ dataDir, persistent: false, isDurable: false });
const simulator = await startSimulator({ malls: [] });
const options = { url: server.url, schema: 'mallsync', applicationName: 'mallsync bench', leaseSeconds: 30 };
const database = await openDatabase({ ...options, poolSize: 2 });
try {
  await migrate(database, '0.1.0');
  const latencies = values.latencies.split(',').map(Number);
  console.table(await Promise.all(latencies.map((ms, at) => measure(simulator, database, at + 1, ms))));
} finally {
  await database.close();
  await simulator.stop();
  await server.stop();
}
