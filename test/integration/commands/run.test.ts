import { beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../../../src/commands/run/execution-report.ts';
import { runProgram, startProgram } from '../../support/program.ts';
import type { SimulatedWorld } from '../../support/simulated-malls.ts';
import { buildMall, createSimulatedWorld } from '../../support/simulated-malls.ts';

const JSON_KEYS = [
  'mallId',
  'domainType',
  'startDate',
  'endDate',
  'executionId',
  'attemptCount',
  'status',
  'failureReason',
  'failureMessage',
  'read',
  'inserted',
  'updated',
  'unchanged',
  'stale',
  'rejected',
  'duplicate',
  'pages',
  'apiCalls',
  'waitMs',
  'seconds',
];

let world: SimulatedWorld;

beforeAll(async () => {
  world = await createSimulatedWorld([
    buildMall('rosemall'),
    buildMall('lilymall', { behaviour: { rateLimit: false, statisticsApproved: false } }),
    buildMall('lostmall', { consent: 'lost' }),
    buildMall('asleepmall', { active: false }),
    buildMall('slowmall', { active: false, behaviour: { rateLimit: false, latencyMs: 300 } }),
  ]);
});

const day = (number: number): string[] => [
  '--start',
  `2025-11-${String(number).padStart(2, '0')}T00:00:00`,
  '--end',
  `2025-11-${String(number + 1).padStart(2, '0')}T00:00:00`,
];

async function runJson(...args: string[]): Promise<{ readonly exitCode: number | null; readonly report: RunReport }> {
  const { exitCode, stdout } = await runProgram(['run', ...args, '--json'], world.environment);
  const report: RunReport = JSON.parse(stdout);
  return { exitCode, report };
}

describe('run', () => {
  it('reads all active malls and prints one JSON document', async () => {
    const { exitCode, report } = await runJson(...day(1));
    expect(exitCode).toBe(1);
    expect(report.executions).toHaveLength(9);
    for (const execution of report.executions)
      expect(Object.keys(execution)).toEqual(expect.arrayContaining(JSON_KEYS));
    const failed = report.executions.filter(({ status }) => status === 'FAILED');
    expect(failed.map(({ mallId, failureReason }) => [mallId, failureReason])).toEqual([
      [3, 'AuthFailed'],
      [3, 'AuthFailed'],
      [3, 'AuthFailed'],
    ]);
    expect(report.totals).toMatchObject({ completed: 6, failed: 3, alreadyComplete: 0, rejected: 0 });
    const period = { startDate: '2025-11-01T00:00:00', endDate: '2025-11-02T00:00:00' };
    for (const [mallId, cafe24MallId] of [
      [1, 'rosemall'],
      [2, 'lilymall'],
    ] as const) {
      const truth = await world.simulator.control.readTruth(cafe24MallId, { ...period, domainType: 'MEMBER' });
      const rows = await world.database.query('select from mallsync.tb_member where mall_id = $1', [mallId]);
      expect(rows).toHaveLength(truth.count);
    }
  });

  it('says "already complete" the second time, exits 0 and reads nothing', async () => {
    const args = [...day(2), '--malls', '1', '--domain', 'MEMBER,ORDER'];
    expect((await runJson(...args)).exitCode).toBe(0);
    const { exitCode, report } = await runJson(...args);
    expect(exitCode).toBe(0);
    expect(report.totals).toMatchObject({ alreadyComplete: 2, read: 0, apiCalls: 0 });
    expect(report.executions.map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED']);
  });

  it('reads what is complete again when a reprocess gives its reason, and changes nothing', async () => {
    const args = [...day(3), '--malls', '1', '--domain', 'MEMBER'];
    const first = await runJson(...args);
    const second = await runJson(...args, '--reprocess', '--reason', 'late members');
    expect(second.exitCode).toBe(0);
    expect(second.report.executions[0]).toMatchObject({
      attemptCount: 2,
      inserted: 0,
      updated: 0,
      unchanged: first.report.totals.inserted,
    });
  });

  it('does the same with several threads as with one', async () => {
    const { exitCode, report } = await runJson(...day(4), '--malls', '1,2', '--threads', '2', '--parallel', '4');
    expect(exitCode).toBe(0);
    expect(report.totals).toMatchObject({ completed: 6, failed: 0 });
    const single = await runJson(...day(4), '--malls', '1,2', '--threads', '1', '--reprocess', '--reason', 'compare');
    expect(single.report.totals).toMatchObject({ unchanged: report.totals.inserted, updated: 0, inserted: 0 });
  });

  it('shows a table, what failed with what to do, and where sales come from', async () => {
    const result = await runProgram(['run', ...day(5), '--malls', '2,3', '--domain', 'SALES'], world.environment);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toMatch(
      /MALL +DOMAIN +STATUS +READ +INSERTED +UPDATED +UNCHANGED +REJECTED +API CALLS +WAITED +SECONDS/,
    );
    expect(result.stdout).toMatch(/2 lilymall +SALES +COMPLETED +24 +24/);
    expect(result.stdout).toMatch(/2 lilymall SALES:\n +the statistics API is not approved/);
    expect(result.stdout).toMatch(/3 lostmall SALES: AuthFailed\n.*\n +Authorize the mall again/);
  });

  it('reads a named mall though it is inactive, and none that is not registered', async () => {
    const named = await runJson(...day(6), '--malls', '4', '--domain', 'MEMBER');
    expect(named).toMatchObject({ exitCode: 0, report: { totals: { completed: 1 } } });
    const unknown = await runProgram(['run', ...day(6), '--malls', '4,99'], world.environment);
    expect(unknown).toMatchObject({ exitCode: 78, stdout: '' });
    expect(unknown.stderr).toMatch(/no mall 99/);
  });

  it('refuses a period that is not over with 64 and admits nothing', async () => {
    const args = ['--start', '2025-11-01T00:00:00', '--end', '2099-01-01T00:00:00', '--malls', '1'];
    const { exitCode, report } = await runJson(...args);
    expect(exitCode).toBe(64);
    expect(report.executions.map(({ failureReason }) => failureReason)).toEqual(Array(3).fill('PeriodOpen'));
    const [instances] = await world.database.query<{ n: number }>(
      `select count(*)::int as n from mallsync.tb_batch_job_instance where end_date like '2099%'`,
    );
    expect(instances?.n).toBe(0);
  });

  it('drains at a page border on Ctrl-C, exits 143, and goes on with the same execution the next time', async () => {
    const args = ['run', ...day(7), '--malls', '5', '--domain', 'MEMBER', '--page-size', '5', '--json'];
    const environment = { ...world.environment, MALLSYNC_LOG_LEVEL: 'debug' };
    const run = startProgram(args, environment);
    await run.waitForError(/page committed/);
    run.process.kill('SIGINT');
    const { exitCode, stdout } = await run.finished;
    expect(exitCode).toBe(143);
    const stopped: RunReport = JSON.parse(stdout);
    expect(stopped.executions[0]).toMatchObject({ status: 'RUNNING', failureReason: 'Stopped' });
    const next = await runJson(...args.slice(1, -1));
    expect(next.exitCode).toBe(0);
    expect(next.report.executions[0]).toMatchObject({
      executionId: stopped.executions[0]?.executionId,
      attemptCount: 1,
      status: 'COMPLETED',
    });
  });
});
