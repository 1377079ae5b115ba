import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRetryRequests } from '../../../src/adapters/postgres/retry-request.ts';
import { buildDaysBefore } from '../../../src/domain/period.ts';
import type { Started } from '../../support/program.ts';
import { startProgram } from '../../support/program.ts';
import type { SimulatedWorld } from '../../support/simulated-malls.ts';
import { waitOutSeoulMidnight } from '../../support/seoul-midnight.ts';
import { buildMall, createSimulatedWorld } from '../../support/simulated-malls.ts';

let world: SimulatedWorld;
const started: Started[] = [];

beforeAll(async () => {
  await waitOutSeoulMidnight(90_000);
  world = await createSimulatedWorld([buildMall('rosemall'), buildMall('asleepmall', { active: false })]);
}, 120_000);
afterEach(async () => {
  for (const { process, finished } of started.splice(0)) {
    process.kill('SIGKILL');
    await finished;
  }
});

async function startServer(...args: string[]): Promise<{ readonly server: Started; readonly url: string }> {
  const server = startProgram(['serve', '--port', '0', '--no-page', ...args], world.environment);
  started.push(server);
  const [, url = ''] = await server.waitForError(/"url":"(http:[^"]+)"/);
  return { server, url };
}

async function readMetric(url: string, line: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = text.split('\n').find((each) => each.startsWith(`${line} `));
  return found === undefined ? 0 : Number(found.slice(line.length));
}

describe('serve', () => {
  it('begins a night each time the schedule says so, one after the other, and none is left out', async () => {
    world.simulator.control.changeBehaviour('rosemall', { latencyMs: 400 });
    const { server } = await startServer('--schedule', '* * * * * *', '--catch-up-days', '2');
    const [log] = await server.waitForError(/(night begins[^]*night ended[^]*){4}/);
    world.simulator.control.changeBehaviour('rosemall', { latencyMs: 0 });
    const nights = log.match(/night (begins|ended)/g) ?? [];
    expect(nights.slice(0, 6).join(', ')).toBe(
      'night begins, night ended, night begins, night ended, night begins, night ended',
    );
    const rows = await world.database.query(
      `select from mallsync.tb_batch_execution_summary where trigger = 'NIGHTLY' group by instance_id having count(*) > 1`,
    );
    expect(rows).toHaveLength(0);
    await world.database.query(
      'truncate mallsync.tb_batch_job_instance, mallsync.tb_coverage, mallsync.tb_metric_total cascade',
    );
  });

  it('makes up for the night and the days that are missing, as soon as it starts, and ends in order on SIGTERM', async () => {
    const { server, url } = await startServer('--catch-up-days', '1');
    await server.waitForError(/night ended/);
    const rows = await world.database.query<{ start_date: string; trigger: string; status: string; mall_id: number }>(
      'select distinct start_date, trigger, status, mall_id::int from mallsync.tb_batch_execution_summary order by 1',
    );
    const nights = [buildDaysBefore(Date.now() - 86_400_000, 1), buildDaysBefore(Date.now(), 1)];
    expect(rows).toEqual(
      nights.map(({ startDate }) => ({ start_date: startDate, trigger: 'NIGHTLY', status: 'COMPLETED', mall_id: 1 })),
    );
    expect(await (await fetch(`${url}/livez`)).text()).toBe('ok\n');
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const runs = 'mallsync_runs_total{domain="MEMBER",reason="",result="COMPLETED"}';
    const [total] = await world.database.query<{ value: number }>(
      `select sum(value)::int as value from mallsync.tb_metric_total
       where name = 'runs_total' and labels ->> 'domain' = 'MEMBER' and labels ->> 'result' = 'COMPLETED'`,
    );
    expect(total?.value).toBe(2);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics, runs).toMatch(/mallsync_runs_total\{[^}]*domain="MEMBER"[^}]*\} 2/);
    expect(await readMetric(url, 'mallsync_malls{state="inactive"}')).toBe(1);
    expect(metrics).toMatch(/mallsync_mall_last_complete_period_end_timestamp_seconds\{[^}]*mall_id="1"[^}]*\} \d+/);
    server.process.kill('SIGTERM');
    expect((await server.finished).exitCode).toBe(0);
    started.length = 0;
  });

  it('executes a retry request soon after it is written and writes down what came of each mall', async () => {
    const { server } = await startServer('--catch-up-days', '0');
    await server.waitForError(/night ended/);
    const database = await world.database.open();
    const requests = createRetryRequests(database);
    const { requestId } = await requests.create('test 1', {
      kind: 'RUN',
      domainType: 'MEMBER',
      startDate: '2025-11-01T00:00:00',
      endDate: '2025-11-02T00:00:00',
      pageSize: 100,
      fingerprints: null,
      mallIds: [1, 2],
      requestedBy: 'tester',
      reason: 'to see',
    });
    await expect.poll(async () => (await requests.find(requestId))?.state, { timeout: 15_000 }).toBe('DONE');
    const request = await requests.find(requestId);
    for (const item of request?.items ?? []) {
      expect(item).toMatchObject({ state: 'DONE', executionId: expect.any(Number), instanceId: expect.any(Number) });
      expect(item.result).toMatch(/^COMPLETED: \d+ read/);
    }
    const [execution] = await world.database.query(
      `select trigger, requested_by from mallsync.tb_batch_execution_summary where start_date = '2025-11-01T00:00:00'`,
    );
    expect(execution).toEqual({ trigger: 'RERUN', requested_by: 'tester' });
  });

  it('serves the page beside, and what is asked for there is carried out', async () => {
    const args = ['serve', '--port', '0', '--page-port', '0', '--catch-up-days', '0'];
    const server = startProgram(args, world.environment);
    started.push(server);
    const [, page = ''] = await server.waitForError(/"url":"(http:[^"]+)"[^\n]*serving the page/);
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'from-the-page' };
    const body = JSON.stringify({
      domainType: 'MEMBER',
      startDate: '2025-11-03T00:00:00',
      endDate: '2025-11-04T00:00:00',
      mallIds: [1],
    });
    const answer = await fetch(`${page}/api/v1/reruns`, { method: 'POST', headers, body });
    expect(answer.status, await answer.text()).toBeLessThan(300);
    const readStatuses = (): Promise<readonly { status: string; trigger: string }[]> =>
      world.database.query(
        `select status, trigger from mallsync.tb_batch_execution_summary where start_date = '2025-11-03T00:00:00'`,
      );
    await expect.poll(readStatuses, { timeout: 15_000 }).toEqual([{ status: 'COMPLETED', trigger: 'RERUN' }]);
    server.process.kill('SIGTERM');
    expect((await server.finished).exitCode).toBe(0);
  });

  it('refuses the items it cannot run and says why', async () => {
    await startServer('--catch-up-days', '0');
    const requests = createRetryRequests(await world.database.open());
    const wish = {
      domainType: 'MEMBER' as const,
      startDate: '2025-11-05T00:00:00',
      pageSize: 100,
      fingerprints: null,
      mallIds: [1],
      requestedBy: 'tester',
      reason: '',
    };
    const open = await requests.create('open period', { ...wish, kind: 'RUN', endDate: '2099-11-06T00:00:00' });
    const stop = await requests.create('stop nothing', { ...wish, kind: 'STOP', endDate: '2025-11-06T00:00:00' });
    for (const { requestId } of [open, stop]) {
      await expect.poll(async () => (await requests.find(requestId))?.state, { timeout: 15_000 }).toBe('REFUSED');
    }
    expect((await requests.find(open.requestId))?.items[0]?.result).toMatch(/PeriodOpen/);
    expect((await requests.find(stop.requestId))?.items[0]?.result).toMatch(/nothing of it is under way/);
  });

  it('goes on with an execution whose process has gone', async () => {
    world.simulator.control.changeBehaviour('rosemall', { latencyMs: 300 });
    const period = ['--start', '2025-11-10T00:00:00', '--end', '2025-11-11T00:00:00'];
    const environment = { ...world.environment, MALLSYNC_LOG_LEVEL: 'debug', MALLSYNC_LEASE_SECONDS: '2' };
    const run = startProgram(['run', ...period, '--malls', '1', '--domain', 'MEMBER', '--page-size', '5'], environment);
    await run.waitForError(/page committed/);
    run.process.kill('SIGKILL');
    await run.finished;
    world.simulator.control.changeBehaviour('rosemall', { latencyMs: 0 });
    await expect
      .poll(
        async () => {
          const [row] = await world.database.query<{ is_over: boolean }>(
            `select lease_until <= now() as is_over from mallsync.tb_batch_execution_summary
           where start_date = '2025-11-10T00:00:00'`,
          );
          return row?.is_over;
        },
        { timeout: 10_000 },
      )
      .toBe(true);
    const { server } = await startServer('--catch-up-days', '0');
    await server.waitForError(/night ended/);
    const rows = await world.database.query(
      `select status, attempt_count from mallsync.tb_batch_execution_summary where start_date = '2025-11-10T00:00:00'`,
    );
    expect(rows).toEqual([{ status: 'COMPLETED', attempt_count: 1 }]);
  });
});
