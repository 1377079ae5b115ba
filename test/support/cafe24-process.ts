import { once } from 'node:events';
import { systemClock } from '../../src/domain/clock.ts';
import { parsePeriod } from '../../src/domain/period.ts';
import { createRunMeter } from '../../src/engine/call-meter.ts';
import { DEFAULT_API_VERSION } from '../../src/adapters/cafe24/client.ts';
import { openMallApi } from '../../src/adapters/cafe24/mall-api.ts';
import { createPageSource } from '../../src/adapters/cafe24/page-source.ts';
import { createTransport } from '../../src/adapters/cafe24/transport.ts';
import { createCipher } from '../../src/adapters/postgres/cipher.ts';
import { openDatabase } from '../../src/adapters/postgres/database.ts';
import { parseKeyRing } from '../../src/adapters/postgres/key-ring.ts';
import { createRateBudget } from '../../src/adapters/postgres/rate-budget.ts';
import { createTokenStore } from '../../src/adapters/postgres/token-store.ts';
import { MEMBERS } from './cafe24-resources.ts';

/** What a test tells a process of its own that reads pages of one mall. */
export interface ProcessOrders {
  readonly databaseUrl: string;
  readonly encryptionKeys: string;
  readonly urlTemplate: string;
  readonly mallId: number;
  readonly cafe24MallId: string;
  readonly pages: number;
}

export interface ProcessReport {
  readonly generation: number;
  readonly rows: number;
  readonly refreshes: number;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the test that starts this process
const orders = JSON.parse(process.argv[2] ?? '') as ProcessOrders;
const signal = new AbortController().signal;
const { url, schema } = { url: orders.databaseUrl, schema: 'mallsync' };
const database = await openDatabase({ url, schema, applicationName: 'mallsync process', leaseSeconds: 30 });
const transport = createTransport(systemClock);
let refreshes = 0;
const api = openMallApi({
  mall: orders,
  transport,
  budget: createRateBudget({ pool: database.pool }),
  tokenStore: createTokenStore({ pool: database.pool, cipher: createCipher(parseKeyRing(orders.encryptionKeys)) }),
  meter: createRunMeter(systemClock),
  clock: systemClock,
  urlTemplate: orders.urlTemplate,
  apiVersion: DEFAULT_API_VERSION,
  isBackfill: false,
  retryLostConsent: false,
  tokenObserver: { onRefreshed: () => (refreshes += 1) },
});
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const source = createPageSource({ client: api.client, mall: { shopNos: [1] }, resource: MEMBERS });
const window = { ...parsePeriod('2025-12-01T00:00:00', '2025-12-02T00:00:00'), shopNo: 1, dateType: 'join' };
let rows = 0;
for (let page = 0; page < orders.pages; page++) {
  rows += (await source.fetchPage(window, page * 10, 10, signal)).rows.length;
}
const { generation } = await api.tokens.current(signal);
await api.close();
await transport.close();
await database.close();
process.stdin.destroy();
process.stdout.write(`${JSON.stringify({ generation, rows, refreshes } satisfies ProcessReport)}\n`);
