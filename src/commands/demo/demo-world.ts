import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { buildDemoFleet, toImportFile } from '../../simulator/demo-fleet.ts';
import type { SimulatedMall } from '../../simulator/mall.ts';
import { startSimulator } from '../../simulator/start.ts';
import { blameSetting } from '../blame-setting.ts';
import { importMalls } from '../../adapters/postgres/import-malls.ts';
import { useAnyDatabase } from '../use-database.ts';
import { readVersion } from '../version.ts';
import { startEmbeddedDatabase } from './embedded-database.ts';

export interface DemoWorld {
  /** What the other commands need to work with this demo, by variable. */
  readonly environment: Readonly<Record<string, string>>;
  readonly simulatorUrl: string;
  /** Writes the environment and what else is known by now to a file to source. @returns the file */
  publish(more: Readonly<Record<string, string>>): Promise<string>;
  stop(): Promise<void>;
}

/** The simulator begins anew with each start, and so do its tokens: the stored ones are replaced by force. */
const SEED = 1;

/** Over by the time that somebody asks for these runs again, so that the first re-run has something to show. */
const PASSING_TROUBLES: Readonly<Record<string, Pick<SimulatedMall, 'faults'>>> = {
  'sample-camping': { faults: [{ endpoint: 'orders/count', kind: 'count-off', times: 5 }] },
  'sample-denim': { faults: [{ endpoint: 'customersprivacy', kind: 'scope-403', times: 1 }] },
};

/** Starts PostgreSQL and the simulated Cafe24, migrates, and registers the malls. What is in `folder` already is kept. */
export async function startDemoWorld(folder: string, say: (line: string) => void): Promise<DemoWorld> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(
    blameSetting(`--folder must be a folder that can be written; ${folder} cannot`),
  );
  say('starting PostgreSQL');
  const postgres = await startEmbeddedDatabase({ dataDir: join(folder, 'postgres'), persistent: true });
  try {
    // beside the data that it encrypts, wherever that lies, so that both are kept or lost together
    const encryptionKeys = await loadKeys(`${postgres.dataDir}.keys`);
    say('starting the simulated Cafe24');
    const fleet = buildDemoFleet(SEED).map((mall) => ({ ...mall, ...PASSING_TROUBLES[mall.cafe24MallId] }));
    const simulator = await startSimulator({ malls: fleet, seed: SEED });
    const stop = async (): Promise<void> => {
      await simulator.stop();
      await postgres.stop();
    };
    try {
      await useAnyDatabase(
        { databaseUrl: postgres.url, databaseSchema: 'mallsync' },
        { name: 'demo' },
        async (database) => {
          await migrate(database, readVersion());
          await importMalls(database, toImportFile(fleet, SEED), { encryptionKeys, isForced: true });
        },
      );
      say(`${fleet.length} malls registered`);
      const environment = {
        MALLSYNC_DATABASE_URL: postgres.url,
        MALLSYNC_ENCRYPTION_KEYS: encryptionKeys,
        MALLSYNC_CAFE24_URL: simulator.cafe24Url,
      };
      const environmentFile = join(folder, 'demo.env');
      return {
        environment,
        simulatorUrl: simulator.url,
        async publish(more) {
          await writeEnvironment(environmentFile, { ...environment, ...more });
          return environmentFile;
        },
        async stop() {
          await rm(environmentFile, { force: true });
          await stop();
        },
      };
    } catch (error) {
      await simulator.stop();
      throw error;
    }
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function loadKeys(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return known.trim();
  const keys = `demo:${randomBytes(32).toString('base64')}`;
  await writeFile(file, `${keys}\n`, { mode: 0o600 });
  return keys;
}

async function writeEnvironment(file: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}='${value}'\n`);
  await writeFile(file, lines.join(''), { mode: 0o600 });
}
