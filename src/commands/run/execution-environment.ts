import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { RateBudget } from '../../domain/rate-budget.ts';
import type { TokenStore } from '../../domain/token-store.ts';
import type { Transport } from '../../adapters/cafe24/transport.ts';
import { createTransport } from '../../adapters/cafe24/transport.ts';
import { createCipher } from '../../adapters/postgres/cipher.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import { openDatabase } from '../../adapters/postgres/database.ts';
import { loadLocalInstallationId } from '../../adapters/postgres/installation.ts';
import type { KeyRing } from '../../adapters/postgres/key-ring.ts';
import { parseKeyRing } from '../../adapters/postgres/key-ring.ts';
import { createRateBudget } from '../../adapters/postgres/rate-budget.ts';
import { createTokenStore } from '../../adapters/postgres/token-store.ts';
import { systemClock } from '../../domain/clock.ts';
import type { Clock } from '../../domain/clock.ts';
import type { RunSettings } from '../../engine/run-context.ts';
import { DEFAULT_RUN_SETTINGS } from '../../engine/run-execution.ts';
import type { ExecutionSettings } from './execution-settings.ts';

/** What all executions of a process or thread share. */
export interface ExecutionEnvironment {
  readonly settings: ExecutionSettings;
  readonly database: Database;
  readonly transport: Transport;
  readonly budget: RateBudget;
  readonly tokenStore: TokenStore;
  readonly keyRing: KeyRing;
  readonly clock: Clock;
  readonly installationId: string;
  readonly runSettings: RunSettings;
  readonly localRetry: LocalRetry;
  /** Names this process as the holder of executions. */
  readonly holder: string;
  close(): Promise<void>;
}

/** How `run` and `serve` try again what `sync` would leave to the next pod. */
export interface LocalRetry {
  readonly moreTries: number;
  /** Before the first further try; the next ones wait that much longer each. */
  readonly pauseMs: number;
}

const DEFAULT_LOCAL_RETRY: LocalRetry = { moreTries: 2, pauseMs: 5_000 };

export interface EnvironmentSize {
  readonly name: string;
  /** Executions at once. */
  readonly slots: number;
}

/** Slots that share one connection for page transactions: a page is written in a tenth of the time it takes to fetch. */
const SLOTS_PER_WRITER = 3;
const SLOTS_PER_QUERY_CONNECTION = 4;

export async function openExecutionEnvironment(
  settings: ExecutionSettings,
  { name, slots }: EnvironmentSize,
): Promise<ExecutionEnvironment> {
  const keyRing = parseKeyRing(settings.encryptionKeys);
  const database = await openDatabase({
    url: settings.databaseUrl,
    directUrl: settings.databaseDirectUrl,
    schema: settings.databaseSchema,
    applicationName: `mallsync ${name}`,
    leaseSeconds: settings.leaseSeconds,
    poolSize: Math.ceil(slots / SLOTS_PER_QUERY_CONNECTION),
    writerConnections: Math.ceil(slots / SLOTS_PER_WRITER),
  });
  const installationId = await loadLocalInstallationId(database).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const transport = createTransport(systemClock);
  return {
    settings,
    database,
    transport,
    keyRing,
    budget: createRateBudget({ pool: database.pool }),
    tokenStore: createTokenStore({ pool: database.pool, cipher: createCipher(keyRing) }),
    clock: systemClock,
    installationId,
    runSettings: { ...DEFAULT_RUN_SETTINGS, leaseSeconds: settings.leaseSeconds },
    localRetry: DEFAULT_LOCAL_RETRY,
    holder: `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`,
    async close() {
      await Promise.all([transport.close(), database.close()]);
    },
  };
}
