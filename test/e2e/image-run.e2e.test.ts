import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { removeContainer, runContainer, startContainer, type ContainerEnd } from '../support/e2e-container.ts';
import { runTool, ToolError } from '../support/e2e-tool.ts';
import { waitFor } from '../support/e2e-kubectl.ts';

const PASSWORD = 'end-to-end';
const SIMULATOR = 'http://127.0.0.1:18080';
const DAY = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-01T23:59:59' };
const WAIT_MS = 120_000;
/** Longer than any command needs to end, and what Kubernetes gives a pod before it is killed. */
const GRACE_SECONDS = 30;
const KILLED = 137;
/** Hides the programs of the base; Node is elsewhere. */
const WITHOUT_SHELL = ['--tmpfs', '/usr/bin'];

const env = {
  MALLSYNC_DATABASE_URL: `postgres://mallsync:${PASSWORD}@127.0.0.1:5432/mallsync`,
  MALLSYNC_ENCRYPTION_KEYS: `key:${randomBytes(32).toString('base64')}`,
  MALLSYNC_CAFE24_URL: `${SIMULATOR}/{mall_id}`,
};

const { image, postgresImage } = inject('e2e');
let postgres: string;
let simulator: string;

/** In the network of the database's container, and in no other. */
function run(args: readonly string[], before: readonly string[] = []): Promise<ContainerEnd> {
  return runContainer(image, args, { options: ['--network', `container:${postgres}`, ...before], env });
}

function query(sql: string): Promise<string> {
  return runTool('docker', ['exec', postgres, 'psql', '-U', 'mallsync', '-d', 'mallsync', '-Atc', sql]);
}

function untilReady(what: string, check: () => Promise<unknown>, container: () => string): Promise<true> {
  const isReady = async (): Promise<true> => {
    await check();
    return true;
  };
  const explain = (): Promise<string> => runTool('/bin/sh', ['-c', 'docker logs "$0" 2>&1', container()]);
  return waitFor(what, isReady, AbortSignal.timeout(WAIT_MS), explain);
}

beforeAll(async () => {
  const settings = { POSTGRES_USER: 'mallsync', POSTGRES_PASSWORD: PASSWORD, POSTGRES_DB: 'mallsync' };
  postgres = await startContainer(postgresImage, [], { env: settings });
  const args = ['exec', postgres, 'pg_isready', '-h', '127.0.0.1', '-d', 'mallsync'];
  await untilReady(
    'PostgreSQL',
    () => runTool('docker', args),
    () => postgres,
  );
});

afterAll(async () => {
  if (simulator !== undefined) await removeContainer(simulator);
  await removeContainer(postgres);
});

test('migrates a real database, and finds nothing left to do the second time', async () => {
  expect(await run(['migrate'])).toMatchObject({ exitCode: 0 });
  expect(await query('select count(*) > 0 from mallsync.tb_schema_migration')).toBe('t\n');
  expect(await run(['migrate'])).toMatchObject({ exitCode: 0 });
});

test('one sync in a read-only container without a shell stores what the simulator holds', async () => {
  simulator = await startContainer(image, ['simulator', '--malls', '1', '--register'], {
    options: ['--network', `container:${postgres}`, '--read-only', '--cap-drop', 'ALL'],
    env,
  });
  const log = async (): Promise<void> => {
    const said = await runTool('docker', ['logs', simulator]);
    if (!said.includes('registered')) throw new ToolError(['docker', 'logs'], null, said, '');
  };
  await untilReady('the simulator', log, () => simulator);
  const period = ['--start-date', DAY.startDate, '--end-date', DAY.endDate];
  const end = await run(['sync', '--mall-id', '1', '--domain-type', 'MEMBER', ...period], WITHOUT_SHELL);
  expect(end).toMatchObject({ exitCode: 0 });
  expect(await query('select status from mallsync.tb_batch_execution_summary')).toBe('COMPLETED\n');
  const truth = await readTruthCount();
  expect(truth).toBeGreaterThan(0);
  expect(await query('select count(*) from mallsync.tb_member')).toBe(`${truth}\n`);
});

test('the first process of the container ends at SIGTERM', async () => {
  await runTool('docker', ['stop', '--time', String(GRACE_SECONDS), simulator]);
  const exitCode = await runTool('docker', ['inspect', '--format', '{{.State.ExitCode}}', simulator]);
  expect(Number(exitCode)).not.toBe(KILLED);
});

async function readTruthCount(): Promise<number> {
  const address = `${SIMULATOR}/_simulator/malls/sample-bakery/truth?${new URLSearchParams({ domainType: 'MEMBER', ...DAY }).toString()}`;
  const script = `console.log((await (await fetch('${address}')).json()).count)`;
  const { stdout } = await run(['--input-type=module', '--eval', script], ['--entrypoint', 'node']);
  return Number(stdout);
}
