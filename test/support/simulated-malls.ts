import { randomBytes } from 'node:crypto';
import { atFileEnd } from './file-end.ts';
import { importMalls } from '../../src/adapters/postgres/import-malls.ts';
import { toImportFile } from '../../src/simulator/demo-fleet.ts';
import type { SimulatedMall } from '../../src/simulator/mall.ts';
import type { Simulator } from '../../src/simulator/start.ts';
import { startSimulator } from '../../src/simulator/start.ts';
import type { TestDatabase } from './database.ts';
import { createTestDatabase } from './database.ts';

export interface SimulatedWorld {
  readonly database: TestDatabase;
  readonly simulator: Simulator;
  /** What a process of the program needs to work in it. */
  readonly environment: Record<string, string>;
}

/** A simulated mall by its few properties that matter to a test. */
export function buildMall(cafe24MallId: string, overrides: Partial<SimulatedMall> = {}): SimulatedMall {
  return {
    cafe24MallId,
    clientId: `client-${cafe24MallId}`,
    clientSecret: `secret-${cafe24MallId}`,
    membersPerDay: 40,
    ordersPerDay: 20,
    behaviour: { rateLimit: false },
    ...overrides,
  };
}

/** A database of the test file's own and a simulator, with the malls registered as 1, 2, 3 and so on. */
export async function createSimulatedWorld(malls: readonly SimulatedMall[]): Promise<SimulatedWorld> {
  const database = await createTestDatabase();
  const simulator = await startSimulator({ malls });
  atFileEnd(() => simulator.stop());
  const encryptionKeys = `test:${randomBytes(32).toString('base64')}`;
  await importMalls(await database.open(), toImportFile(malls), { encryptionKeys, isForced: false });
  return {
    database,
    simulator,
    environment: {
      MALLSYNC_DATABASE_URL: database.url,
      MALLSYNC_ENCRYPTION_KEYS: encryptionKeys,
      MALLSYNC_CAFE24_URL: simulator.cafe24Url,
      MALLSYNC_LEASE_SECONDS: '4',
    },
  };
}
