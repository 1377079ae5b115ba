import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finished } from '../../support/program.ts';
import { runProgram, startProgram } from '../../support/program.ts';
import type { SimulatedWorld } from '../../support/simulated-malls.ts';
import { buildMall, createSimulatedWorld } from '../../support/simulated-malls.ts';

let world: SimulatedWorld;
let folder: string;

beforeAll(async () => {
  world = await createSimulatedWorld([
    buildMall('rosemall'),
    buildMall('lostmall', { consent: 'lost' }),
    buildMall('slowmall', { behaviour: { rateLimit: false, latencyMs: 300 } }),
  ]);
  folder = await mkdtemp(join(tmpdir(), 'mallsync-sync-'));
});
afterAll(() => rm(folder, { recursive: true }));

function toArgs(mallId: number, day: number, ...more: string[]): string[] {
  const date = `2025-11-${String(day).padStart(2, '0')}`;
  const period = ['--start-date', `${date}T00:00:00`, '--end-date', `${date}T23:59:59`];
  return ['sync', '--mall-id', String(mallId), '--domain-type', 'MEMBER', ...period, ...more];
}

const sync = (...args: Parameters<typeof toArgs>): Promise<Finished> => runProgram(toArgs(...args), world.environment);

describe('sync', () => {
  it('creates the execution, runs it, and finds it complete the next time', async () => {
    const first = await sync(1, 1, '--json');
    expect(first.exitCode).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({
      mallId: 1,
      attemptCount: 1,
      status: 'COMPLETED',
      alreadyComplete: false,
      exitCode: 0,
    });
    const second = await sync(1, 1, '--json');
    expect(second.exitCode).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ status: 'COMPLETED', alreadyComplete: true, read: 0 });
  });

  it('writes its report for the cluster, under 4 KiB, also when it fails', async () => {
    const file = join(folder, 'termination');
    const environment = { ...world.environment, MALLSYNC_TERMINATION_LOG: file };
    const failed = await runProgram(toArgs(2, 1), environment);
    expect(failed).toMatchObject({ exitCode: 77, stdout: '' });
    const text = await readFile(file, 'utf8');
    expect(Buffer.byteLength(text)).toBeLessThan(4_096);
    expect(JSON.parse(text)).toMatchObject({ status: 'FAILED', failureReason: 'AuthFailed', exitCode: 77 });
    const away = { ...environment, MALLSYNC_DATABASE_URL: 'postgres://u:p@127.0.0.1:9/none' };
    expect((await runProgram(toArgs(2, 1), away)).exitCode).toBe(69);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      failureReason: 'DatabaseUnavailable',
      exitCode: 69,
    });
  });

  it('refuses an attempt that has ended otherwise than complete, and takes the next one', async () => {
    expect((await sync(2, 2)).exitCode).toBe(77);
    const again = await sync(2, 2, '--json');
    expect(again.exitCode).toBe(64);
    expect(JSON.parse(again.stdout)).toMatchObject({ failureReason: 'DuplicateRefused', executionId: null });
    expect((await sync(2, 2, '--attempt-count', '2')).exitCode).toBe(77);
  });

  it('refuses an unknown mall and a period that is not over, and leaves nothing behind', async () => {
    const unknown = await sync(99, 1);
    expect(unknown).toMatchObject({ exitCode: 64, stdout: '' });
    expect(unknown.stderr).toMatch(/--mall-id must be the number of a registered mall/);
    const open = await runProgram(
      [
        'sync',
        '--mall-id',
        '1',
        '--domain-type',
        'ORDER',
        '--start-date',
        '2025-01-01T00:00:00',
        '--end-date',
        '2099-01-01T00:00:00',
      ],
      world.environment,
    );
    expect(open.exitCode).toBe(64);
    const rows = await world.database.query(`select from mallsync.tb_batch_job_instance where end_date like '2099%'`);
    expect(rows).toHaveLength(0);
  });

  it('drains at a page border on SIGTERM, exits 143, and is gone on with by the next process', async () => {
    const environment = { ...world.environment, MALLSYNC_LOG_LEVEL: 'debug' };
    const args = toArgs(3, 1, '--page-size', '5', '--json');
    const running = startProgram(args, environment);
    await running.waitForError(/page committed/);
    running.process.kill('SIGTERM');
    const stopped = await running.finished;
    expect(stopped.exitCode).toBe(143);
    const { executionId, read } = JSON.parse(stopped.stdout);
    const [row] = await world.database.query(
      'select status, last_reason, read::int from mallsync.tb_batch_execution_summary where execution_id = $1',
      [executionId],
    );
    expect(read).toBeGreaterThan(0);
    expect(row).toMatchObject({ last_reason: 'Stopped', status: 'RUNNING', read });
    const next = await runProgram(args, world.environment);
    expect(next.exitCode).toBe(0);
    expect(JSON.parse(next.stdout)).toMatchObject({ executionId, status: 'COMPLETED', attemptCount: 1 });
  });

  it('waits for another process that runs the same, and finds it complete', async () => {
    const first = startProgram(toArgs(3, 2, '--json'), world.environment);
    await first.waitForError(/execution started/);
    const second = await sync(3, 2, '--json');
    const winner = await first.finished;
    expect([winner.exitCode, second.exitCode]).toEqual([0, 0]);
    const { executionId } = JSON.parse(winner.stdout);
    expect(JSON.parse(second.stdout)).toMatchObject({
      executionId,
      attemptCount: 1,
      status: 'COMPLETED',
      alreadyComplete: true,
      failureReason: null,
    });
  });

  it('logs JSON lines without secrets, and nothing on standard output', async () => {
    const { stdout, stderr } = await runProgram(toArgs(1, 4), { ...world.environment, MALLSYNC_LOG_LEVEL: 'trace' });
    expect(stdout).toBe('');
    const lines = stderr
      .trim()
      .split('\n')
      .map((line): { msg: string } => JSON.parse(line));
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['execution started', 'page committed', 'sync ended']),
    );
    expect(stderr).not.toMatch(/secret-rosemall|Bearer|postgres:\/\//);
  });
});
