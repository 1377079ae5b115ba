import { randomBytes } from 'node:crypto';
import { atFileEnd } from './file-end.ts';
import { createCipher } from '../../src/adapters/postgres/cipher.ts';
import { parseKeyRing } from '../../src/adapters/postgres/key-ring.ts';
import { createMallImporter } from '../../src/adapters/postgres/mall-import-store.ts';
import { parseMallImports } from '../../src/adapters/postgres/mall-import.ts';
import { createMallStore } from '../../src/adapters/postgres/mall-store.ts';
import { createTransport, DEFAULT_TRANSPORT } from '../../src/adapters/cafe24/transport.ts';
import type { Logger } from '../../src/adapters/telemetry/log.ts';
import type { ProgressEvent } from '../../src/adapters/telemetry/progress.ts';
import { runCommandLine } from '../../src/commands/program.ts';
import { openExecutionEnvironment } from '../../src/commands/run/execution-environment.ts';
import type { ExecutionEnvironment } from '../../src/commands/run/execution-environment.ts';
import type { ExecutionReport } from '../../src/commands/run/execution-report.ts';
import { executionSettings } from '../../src/commands/run/execution-settings.ts';
import type { ItemPorts } from '../../src/commands/run/item-ports.ts';
import { processItem } from '../../src/commands/run/process-item.ts';
import type { WorkItem } from '../../src/commands/run/work-item.ts';
import { syncItem } from '../../src/commands/sync/sync-item.ts';
import type { SyncOutcome } from '../../src/commands/sync/sync-item.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { DomainType } from '../../src/domain/domain-type.ts';
import type { PiiMode } from '../../src/domain/personal-data.ts';
import { parsePeriod } from '../../src/domain/period.ts';
import type { SimulatedMall } from '../../src/simulator/mall.ts';
import { startSimulator, type Simulator } from '../../src/simulator/start.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export interface PipelineMall {
  readonly mallId: number;
  readonly cafe24MallId: string;
}

export interface Wish {
  readonly domainType?: DomainType;
  readonly startDate?: string;
  readonly endDate?: string;
  readonly pageSize?: number;
  readonly mode?: WorkItem['mode'];
  readonly fingerprints?: readonly string[];
  /** Null: the next free one. */
  readonly attemptCount?: number | null;
}

export interface Heard {
  readonly events: ProgressEvent[];
  readonly logs: { readonly method: keyof Logger; readonly message: string; readonly fields: unknown }[];
}

export interface PipelineOptions {
  /** How the runs see time; brisk when absent, so that their pauses are short. */
  readonly clock?: Clock;
  readonly leaseSeconds?: number;
  readonly pii?: PiiMode;
  /** Another way to the database or the API than the straight one. */
  readonly databaseUrl?: string;
  readonly cafe24Url?: string;
}

/** One execution after another through the program's own wiring, in this process. */
export interface Runner {
  readonly heard: Heard;
  /** As `run` does it: whatever a retry may mend is retried, then settled. */
  readonly run: (mall: PipelineMall, wish?: Wish) => Promise<ExecutionReport>;
  /** As `sync` does it: once, with the exit code of a Job's container. */
  readonly sync: (mall: PipelineMall, wish?: Wish) => Promise<SyncOutcome>;
}

export interface CommandEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Pipeline extends Runner {
  readonly db: TestDatabase;
  readonly simulator: Simulator;
  readonly encryptionKeys: string;
  /** What a process or a command line needs to work on the same world. */
  readonly environment: Readonly<Record<string, string>>;
  /** A mall of the simulator without call limits, registered; `registration` goes into its import. */
  readonly addMall: (
    mall?: Partial<SimulatedMall>,
    registration?: Readonly<Record<string, unknown>>,
  ) => Promise<PipelineMall>;
  /** A command line of the program, run in this process on the same world. */
  readonly command: (args: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<CommandEnd>;
  /** A runner beside the first, with settings of its own. */
  readonly openRunner: (options: PipelineOptions) => Promise<Runner>;
}

export const DAY = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-02T00:00:00' } as const;

/** Clients of the API are told its limits by its answers only, so that small tests need not wait for permits. */
const OPEN_BUDGET = `
  create function public.open_budget() returns trigger language plpgsql as $$
    begin new.level := 0; return new; end $$;
  create trigger open_budget before insert or update on mallsync.tb_rate_budget
    for each row execute function public.open_budget()`;

const SPEED = 20;

/** Pauses end sooner than asked for, by one and the same factor. */
export const briskClock: Clock = {
  nowMs: () => systemClock.nowMs(),
  monotonicMs: () => systemClock.monotonicMs() * SPEED,
  sleep: (delayMs, signal) => systemClock.sleep(delayMs / SPEED, signal),
};

/** Long enough for a busy machine, short enough to wait for. */
const SHORT_DEADLINES = { ...DEFAULT_TRANSPORT, headersTimeoutMs: 2_000, bodyTimeoutMs: 2_000 };

/** A database and a simulator for the calling test file, and the program between them; all closed with the file. */
export async function openPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  const db = await createTestDatabase();
  await db.query(OPEN_BUDGET);
  const { pool } = await db.open();
  const simulator = await startSimulator({ malls: [], seed: 23 });
  const encryptionKeys = `k1:${randomBytes(32).toString('base64')}`;
  const importer = createMallImporter({ pool, cipher: createCipher(parseKeyRing(encryptionKeys)) });
  const closers: (() => Promise<void>)[] = [() => simulator.stop()];
  atFileEnd(async () => {
    for (const close of closers.toReversed()) await close();
  });
  const environment = {
    MALLSYNC_DATABASE_URL: db.url,
    MALLSYNC_ENCRYPTION_KEYS: encryptionKeys,
    MALLSYNC_CAFE24_URL: simulator.cafe24Url,
  };
  const openRunner = async (own: PipelineOptions): Promise<Runner> => {
    const opened = await openEnvironment(
      { databaseUrl: db.url, cafe24Url: simulator.cafe24Url, ...own },
      encryptionKeys,
    );
    closers.push(() => opened.close());
    return createRunner(opened);
  };
  let malls = 0;
  return {
    ...(await openRunner(options)),
    db,
    simulator,
    encryptionKeys,
    environment,
    openRunner,
    command: (args, own = {}) => runCommand(args, { ...environment, ...own }),
    async addMall(mall = {}, registration = {}) {
      malls += 1;
      const registered = { mallId: malls, cafe24MallId: mall.cafe24MallId ?? `pipeline-mall-${malls}` };
      const client = { clientId: 'app', clientSecret: `secret of ${malls}`, refreshToken: `first token of ${malls}` };
      const behaviour = { rateLimit: false, ...mall.behaviour };
      simulator.control.addMall({ ...client, ...mall, cafe24MallId: registered.cafe24MallId, behaviour });
      await importer.importMalls(parseMallImports([{ ...registered, ...client, ...registration }]), false);
      return registered;
    },
  };
}

export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input = '',
): Promise<CommandEnd> {
  const said = { stdout: '', stderr: '' };
  const toOutput = (name: keyof typeof said) => ({
    terminal: null,
    write: (text: string) => void (said[name] += text),
  });
  const exitCode = await runCommandLine(args, {
    stdout: toOutput('stdout'),
    stderr: toOutput('stderr'),
    signal: new AbortController().signal,
    environment,
    readStdin: () => Promise.resolve(input),
  });
  return { exitCode, ...said };
}

interface Ways extends PipelineOptions {
  readonly databaseUrl: string;
  readonly cafe24Url: string;
}

async function openEnvironment(options: Ways, encryptionKeys: string): Promise<ExecutionEnvironment> {
  const { clock = briskClock, leaseSeconds = 30, ...given } = options;
  const settings = executionSettings.parse({
    ...given,
    encryptionKeys,
    leaseSeconds: String(leaseSeconds),
    logLevel: 'silent',
  });
  const opened = await openExecutionEnvironment(settings, { name: 'pipeline', slots: 8 });
  const transport = createTransport(systemClock, SHORT_DEADLINES);
  return {
    ...opened,
    clock,
    transport,
    async close() {
      await Promise.all([transport.close(), opened.close()]);
    },
  };
}

function createRunner(environment: ExecutionEnvironment): Runner {
  const heard: Heard = { events: [], logs: [] };
  const note = (method: keyof Logger) => (message: string, fields?: unknown) => {
    heard.logs.push({ method, message, fields });
  };
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const ports: ItemPorts = { environment, log, emit: (event) => heard.events.push(event) };
  const never = new AbortController().signal;
  const toItem = async (mall: PipelineMall, wish: Wish): Promise<WorkItem> => {
    const stored = await createMallStore(environment.database).findMall(mall.mallId);
    if (stored === null) throw new Error(`there is no mall ${mall.mallId}`);
    const { startDate, endDate, ...rest } = { ...DAY, ...wish };
    return {
      mall: stored,
      period: parsePeriod(startDate, endDate),
      domainType: 'MEMBER',
      pageSize: 100,
      attemptCount: null,
      mode: 'RESUME',
      reason: 'a test',
      trigger: 'LOCAL',
      requestedBy: 'test',
      fingerprints: null,
      ...rest,
    };
  };
  return {
    heard,
    run: async (mall, wish = {}) => processItem(await toItem(mall, wish), ports, never),
    sync: async (mall, wish = {}) => syncItem(await toItem(mall, wish), ports, never),
  };
}
