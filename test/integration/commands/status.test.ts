import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TestDatabase } from '../../support/database.ts';
import { createTestDatabase } from '../../support/database.ts';
import type { Finished } from '../../support/program.ts';
import { runProgram } from '../../support/program.ts';
import { addExecution, addMall, addWindow } from './operator-fixture.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

let database: TestDatabase;
let environment: Record<string, string>;
const ids: Record<string, number> = {};

interface ListDocument {
  readonly executions: readonly {
    readonly executionId: number;
    readonly mallId: number;
    readonly advice: string | null;
  }[];
  readonly nextAfter: number | null;
}

beforeAll(async () => {
  database = await createTestDatabase();
  environment = { MALLSYNC_DATABASE_URL: database.url };
  for (const mallId of [1, 2, 3, 4, 5]) await addMall(database, mallId);
  ids['old'] = await addExecution(database, { mallId: 1, status: 'COMPLETED', day: 1, daysAgo: 10 });
  ids['mended'] = await addExecution(database, { mallId: 2, status: 'FAILED', failureReason: 'AuthFailed', day: 2 });
  ids['mending'] = await addExecution(database, { mallId: 2, status: 'COMPLETED', day: 2, attemptCount: 2 });
  ids['failed'] = await addExecution(database, {
    mallId: 3,
    status: 'FAILED',
    failureReason: 'AuthFailed',
    failureMessage: 'the refresh token was refused',
    day: 3,
    rejected: 2,
  });
  ids['left'] = await addExecution(database, {
    mallId: 4,
    status: 'RUNNING',
    domainType: 'ORDER',
    holder: { name: 'host/77', leaseSeconds: -60 },
  });
  ids['running'] = await addExecution(database, {
    mallId: 5,
    status: 'RUNNING',
    holder: { name: 'host/78', leaseSeconds: 600 },
  });
  await addWindow(database, ids['failed'], 1, 'COMPLETE');
  await addWindow(database, ids['failed'], 2, 'INCOMPLETE', 'counted 10, saw 9');
});

async function list(...args: readonly string[]): Promise<ListDocument> {
  const result = await runProgram(['status', '--json', ...args], environment);
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  return JSON.parse(result.stdout) as ListDocument;
}

async function listIds(...args: readonly string[]): Promise<readonly number[]> {
  return (await list(...args)).executions.map(({ executionId }) => executionId);
}

describe('status', () => {
  it('shows the newest executions first, and goes on behind a page', async () => {
    const newest = [ids['running'], ids['left'], ids['failed'], ids['mending'], ids['mended'], ids['old']];
    expect(await listIds()).toEqual(newest);
    const page = await list('--limit', '2');
    expect(page.executions.map(({ executionId }) => executionId)).toEqual(newest.slice(0, 2));
    expect(page.nextAfter).toBe(ids['left']);
    expect(await listIds('--limit', '2', '--after', String(page.nextAfter))).toEqual(newest.slice(2, 4));
    expect((await list('--after', String(ids['mended']))).nextAfter).toBeNull();
  });

  it('narrows by mall, domain type and time', async () => {
    expect(await listIds('--malls', '1,3')).toEqual([ids['failed'], ids['old']]);
    expect(await listIds('--mall', '4')).toEqual([ids['left']]);
    expect(await listIds('--domain', 'order')).toEqual([ids['left']]);
    expect(await listIds('--since', '9d', '--malls', '1,3')).toEqual([ids['failed']]);
    expect(await listIds('--since', '2025-01-01', '--mall', '1')).toEqual([ids['old']]);
  });

  it('takes for failed what nobody has mended, left-behind executions too, and says what to do', async () => {
    const { executions } = await list('--failed');
    expect(executions.map(({ executionId }) => executionId)).toEqual([ids['left'], ids['failed']]);
    expect(executions[1]?.advice).toMatch(/malls authorize/);
    const text = await runProgram(['status', '--failed'], environment);
    expect(text.stdout).toMatch(
      /AuthFailed: \d+ \(mall 3 MEMBER\)\n {4}the refresh token was refused\n {4}Authorize the mall again/,
    );
    expect(text.stdout).toMatch(/Lost: \d+ \(mall 4 ORDER\)/);
    expect(text.stdout).toMatch(/mallsync rerun --failed/);
  });

  it('shows one execution with its windows and attempts', async () => {
    const result = await runProgram(['status', String(ids['failed']), '--json'], environment);
    expect(JSON.parse(result.stdout)).toMatchObject({
      execution: {
        executionId: ids['failed'],
        failureReason: 'AuthFailed',
        read: 1234,
        startDate: '2025-12-03T00:00:00',
      },
      windows: [
        { n: 1, state: 'COMPLETE', from: '2025-12-03T00:00:00+09:00', until: '2025-12-04T00:00:00+09:00' },
        { n: 2, state: 'INCOMPLETE', message: 'counted 10, saw 9' },
      ],
      attempts: [{ executionId: ids['failed'] }],
    });
    const attempts = await runProgram(['status', String(ids['mending'])], environment);
    expect(attempts.stdout).toMatch(/Attempts[^]*COMPLETED[^]*FAILED/);
    const text = await runProgram(['status', String(ids['failed'])], environment);
    expect(text.stdout).toMatch(/INCOMPLETE/);
    expect(text.stdout).toContain(`mallsync errors list --execution ${ids['failed']}`);
  });

  it('fits 120 columns', async () => {
    const results = await Promise.all([
      runProgram(['status'], environment),
      runProgram(['status', '--failed'], environment),
      runProgram(['status', String(ids['failed'])], environment),
    ]);
    for (const { stdout } of results) {
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    }
  });

  it('names the days that malls lack, and those that hold rejected rows', async () => {
    await database.query(
      `insert into mallsync.tb_coverage (mall_id, domain_type, covered, with_rejects)
       select 1, domain_type, tstzmultirange(tstzrange(today - interval '30 days', today)),
         case domain_type when 'ORDER' then tstzmultirange(tstzrange(today - interval '1 day', today)) else '{}' end
       from unnest(array['MEMBER', 'ORDER']) as domain_type,
         (select date_trunc('day', now(), 'Asia/Seoul') as today) as clock`,
    );
    const result = await runProgram(['status', '--missing', '--mall', '1', '--since', '3d', '--json'], environment);
    const { malls, to } = JSON.parse(result.stdout) as { malls: readonly object[]; to: string };
    expect(malls).toMatchObject([
      { mallId: 1, domainType: 'ORDER', missing: [], withRejects: [to] },
      { mallId: 1, domainType: 'SALES', withRejects: [] },
    ]);
    expect(malls[1]).toHaveProperty('missing.length', 3);
    const text = await runProgram(['status', '--missing', '--mall', '1', '--domain', 'MEMBER'], environment);
    expect(text.stdout).toMatch(/^nothing is missing from /);
  });

  it('says that there is nothing to show, and refuses an execution it does not know', async () => {
    expect((await runProgram(['status', '--mall', '99'], environment)).stdout).toMatch(/nothing ran/);
    expect((await runProgram(['status', '--failed', '--mall', '1'], environment)).stdout).toMatch(/nothing failed/);
    const unknown = await runProgram(['status', '99999'], environment);
    expect(unknown).toMatchObject({ exitCode: 64, stdout: '' });
    expect(unknown.stderr).toMatch(/there is no execution 99999/);
  });

  it('ends quietly when its reader leaves early', async () => {
    // more than a pipe holds
    const many = await addExecution(database, { mallId: 6, status: 'FAILED' });
    await database.query(
      `insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
         attempt_count, reading, status, trigger, installation_id, ended_at)
       select instance_id, mall_id, domain_type, start_date, end_date, page_size, 1 + n, reading, status, trigger,
         installation_id, ended_at
       from mallsync.tb_batch_execution_summary, generate_series(1, 500) as n where execution_id = $1`,
      [many],
    );
    const { exitCode, stderr } = await readOneByte(['status', '--json', '--limit', '500']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
});

/** Runs the program into a pipe whose reader is gone as soon as it has seen the first byte. */
async function readOneByte(args: readonly string[]): Promise<Pick<Finished, 'exitCode' | 'stderr'>> {
  const command = `"$0" "$@" | head -c 1 >/dev/null; exit "\${PIPESTATUS[0]}"`;
  const child = spawn('bash', ['-c', command, process.execPath, MAIN, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stderr };
}
