import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Logger } from '../../../src/adapters/telemetry/log.ts';
import { createMallStore } from '../../../src/adapters/postgres/mall-store.ts';
import { listExecutions } from '../../../src/adapters/postgres/execution-store.ts';
import type { ExecutionEnvironment } from '../../../src/commands/run/execution-environment.ts';
import { openExecutionEnvironment } from '../../../src/commands/run/execution-environment.ts';
import { executionSettings } from '../../../src/commands/run/execution-settings.ts';
import { processItem } from '../../../src/commands/run/process-item.ts';
import type { ExecutionReport } from '../../../src/commands/run/execution-report.ts';
import { readSettings } from '../../../src/commands/settings/read-settings.ts';
import { parsePeriod } from '../../../src/domain/period.ts';
import type { SimulatedWorld } from '../../support/simulated-malls.ts';
import { buildMall, createSimulatedWorld } from '../../support/simulated-malls.ts';

let world: SimulatedWorld;
let environment: ExecutionEnvironment;

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

beforeAll(async () => {
  world = await createSimulatedWorld([buildMall('rosemall')]);
  const opened = await openExecutionEnvironment(readSettings(executionSettings, {}, world.environment), {
    name: 'test',
    slots: 1,
  });
  const retry = { failuresWithoutProgress: 2, firstDelayMs: 1, longestDelayMs: 1 };
  environment = {
    ...opened,
    runSettings: { ...opened.runSettings, retry },
    localRetry: { moreTries: 2, pauseMs: 1 },
  };
});
afterAll(() => environment.close());

async function processDay(day: string): Promise<ExecutionReport> {
  const mall = await createMallStore(environment.database).findMall(1);
  if (mall === null) throw new Error('mall 1 is missing');
  return await processItem(
    {
      mall,
      domainType: 'MEMBER',
      period: parsePeriod(`${day}T00:00:00`, `${day}T23:59:59`),
      pageSize: 1000,
      attemptCount: null,
      mode: 'RESUME',
      reason: '',
      trigger: 'LOCAL',
      requestedBy: 'test',
      fingerprints: null,
    },
    { environment, log: SILENT, emit: () => {} },
    new AbortController().signal,
  );
}

it('settles as FAILED what no further try has mended, and the next run resumes it as the next attempt', async () => {
  world.simulator.control.addFault('rosemall', { endpoint: 'customersprivacy', kind: 'error-500' });
  const failed = await processDay('2025-11-01');
  expect(failed).toMatchObject({ status: 'FAILED', failureReason: 'UpstreamUnavailable', attemptCount: 1 });
  const [record] = await listExecutions(environment.database, { mallIds: [1] });
  expect(record).toMatchObject({ status: 'FAILED', exitCode: 69, leaseEndsInMs: null });
  const { endpoints } = world.simulator.control.readStats('rosemall');
  // three runs of the same execution, each with its own retry budget
  expect(endpoints['customersprivacy']?.calls).toBeGreaterThanOrEqual(6);
  world.simulator.control.clearFaults('rosemall');
  expect(await processDay('2025-11-01')).toMatchObject({ status: 'COMPLETED', attemptCount: 2, failureReason: null });
});

it('mends by itself what passes between two tries', async () => {
  world.simulator.control.addFault('rosemall', { endpoint: 'customersprivacy', kind: 'error-500', times: 4 });
  expect(await processDay('2025-11-02')).toMatchObject({ status: 'COMPLETED', attemptCount: 1 });
});

it('settles at once what no retry mends', async () => {
  world.simulator.control.addFault('rosemall', { endpoint: 'customersprivacy', kind: 'scope-403' });
  expect(await processDay('2025-11-03')).toMatchObject({ status: 'FAILED', failureReason: 'PermissionDenied' });
  const [record] = await listExecutions(environment.database, { mallIds: [1] });
  expect(record).toMatchObject({ status: 'FAILED', exitCode: 77 });
  world.simulator.control.clearFaults('rosemall');
});

it('goes on to the period that was asked for after a replay that stood in its way', async () => {
  world.simulator.control.addFault('rosemall', { endpoint: 'customersprivacy', kind: 'scope-403' });
  const failed = await processDay('2025-11-04');
  world.simulator.control.clearFaults('rosemall');
  await world.database.query(
    `insert into mallsync.tb_batch_execution_summary (instance_id, mall_id, domain_type, start_date, end_date, page_size,
        attempt_count, mode, reading, trigger, requested_by, reason, installation_id, status, fence_token, lease_until)
      select instance_id, mall_id, domain_type, start_date, end_date, page_size,
        2, 'REPLAY', reading, trigger, requested_by, reason, installation_id, 'RUNNING', 1, now()
      from mallsync.tb_batch_execution_summary where execution_id = $1`,
    [failed.executionId],
  );
  const report = await processDay('2025-11-04');
  expect(report).toMatchObject({ status: 'COMPLETED', attemptCount: 3 });
  expect(report.read).toBeGreaterThan(0);
  const [own, replay] = await listExecutions(environment.database, { mallIds: [1] });
  expect(own).toMatchObject({ mode: 'RESUME', status: 'COMPLETED' });
  expect(replay).toMatchObject({ mode: 'REPLAY', status: 'COMPLETED' });
});
