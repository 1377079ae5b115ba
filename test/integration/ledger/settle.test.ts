import { describe, expect, test } from 'vitest';
import { admitExecution } from '../../../src/adapters/postgres/admission.ts';
import type { ExecutionRequest } from '../../../src/adapters/postgres/admission-state.ts';
import { loadCoverage } from '../../../src/adapters/postgres/coverage-reader.ts';
import { findExecution } from '../../../src/adapters/postgres/execution-store.ts';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import type { ClaimedExecution } from '../../../src/domain/execution.ts';
import { DAY_MS } from '../../../src/domain/seoul-time.ts';
import type { WindowState } from '../../../src/domain/window.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  aPage,
  aRejectedRow,
  aRequest,
  aRow,
  claim,
  createProbeTable,
  probeStore,
} from '../../support/database-probe.ts';

const db = await createTestDatabase();
await createProbeTable(db);
const database = await db.open({ poolSize: 2 });
const ledger = createLedger({ database, store: probeStore });

type EndState = Extract<WindowState, 'COMPLETE' | 'COMPLETE_WITH_REJECTS' | 'INCOMPLETE'>;

async function begin(request: ExecutionRequest): Promise<ClaimedExecution> {
  const admission = await admitExecution(database, request);
  if (admission.kind !== 'admitted') throw new Error(`not admitted but ${admission.kind}`);
  return claim(database, admission.executionId);
}

/** Reads the request's ten days as one window a state, each of equal length, for one shop. */
async function read(request: ExecutionRequest, states: readonly (EndState | 'OPEN')[], shops: readonly number[] = [1]) {
  const execution = await begin(request);
  const { fromMs, untilMs } = execution.period;
  const step = (untilMs - fromMs) / (states.length / shops.length);
  const bounds = shops.flatMap((shopNo) =>
    Array.from({ length: states.length / shops.length }, (_, index) => ({
      fromMs: fromMs + index * step,
      untilMs: fromMs + (index + 1) * step,
      shopNo,
      dateType: 'join',
    })),
  );
  const windows = await ledger.saveWindows(execution, bounds);
  for (const [index, { n }] of windows.entries()) {
    const state = states[index] ?? 'OPEN';
    await ledger.openWindow(execution, n, 1);
    const rejected = state === 'COMPLETE_WITH_REJECTS' ? [aRejectedRow({ key: `1|bad ${n}` })] : [];
    await ledger.commitPage(execution, aPage([aRow(`1|${n}`)], { windowN: n, rejected }));
    if (state !== 'OPEN') await ledger.settleWindow(execution, n, { state, countAfter: 1, message: null });
  }
  return execution;
}

const EVER = { fromMs: 0, untilMs: 4_000_000_000_000 };

async function coverageOf(request: ExecutionRequest) {
  const days = (ranges: readonly { fromMs: number; untilMs: number }[]) =>
    ranges.map(({ fromMs, untilMs }) => [
      (fromMs - request.period.fromMs) / DAY_MS,
      (untilMs - request.period.fromMs) / DAY_MS,
    ]);
  const [coverage] = await loadCoverage(database.pool, EVER, [request.mallId]);
  return { covered: days(coverage?.covered ?? []), withRejects: days(coverage?.withRejects ?? []) };
}

describe('the end of an execution', () => {
  test.each([
    [['COMPLETE', 'COMPLETE'], 'COMPLETED', null, 0],
    [['COMPLETE', 'COMPLETE_WITH_REJECTS'], 'COMPLETED_WITH_REJECTS', null, 0],
    [['COMPLETE', 'INCOMPLETE'], 'FAILED', 'IncompleteRead', 65],
    [['COMPLETE_WITH_REJECTS', 'OPEN'], 'FAILED', 'IncompleteRead', 65],
  ] as const)('windows %j end it as %s', async (states, status, failureReason, exitCode) => {
    const execution = await read(aRequest(), states);
    const end = await ledger.settleExecution(execution);
    expect(end).toMatchObject({ status, failureReason, counters: { pages: 2, inserted: 2 } });
    expect(await findExecution(database, execution.executionId)).toMatchObject({
      status,
      failureReason,
      exitCode,
      leaseEndsInMs: null,
      endedAtMs: expect.any(Number),
    });
    expect(await ledger.settleExecution(execution)).toEqual(end);
    const pages = await db.query('select 1 from mallsync.tb_batch_window_page where instance_id = $1', [
      execution.instanceId,
    ]);
    expect(pages).toHaveLength(states.filter((state) => (state as string) === 'OPEN').length);
  });

  test('a reading that was never planned is not taken for complete', async () => {
    await expect(ledger.settleExecution(await begin(aRequest()))).rejects.toMatchObject({ reason: 'Bug' });
  });

  test('a failure is logged once an instance, and cleared when it ends well', async () => {
    const request = aRequest();
    for (let attempt = 1; attempt <= 2; attempt++) {
      const end = await ledger.failExecution(await begin(request), 'AuthFailed', 'no\0 consent', 77);
      expect(end).toMatchObject({ status: 'FAILED', failureReason: 'AuthFailed', failureMessage: 'no consent' });
    }
    const entries = () =>
      db.query('select fingerprint, status, times, row_key from mallsync.tb_batch_error_log where mall_id = $1', [
        request.mallId,
      ]);
    const entry = { fingerprint: 'MEMBER:FETCH:AuthFailed:-', times: 2, row_key: null };
    expect(await entries()).toEqual([{ ...entry, status: 'OPEN' }]);
    await ledger.settleExecution(await read(request, ['COMPLETE']));
    expect(await entries()).toEqual([{ ...entry, status: 'REPLAYED' }]);
  });
});

describe('coverage', () => {
  test('is the period without what is not complete, rejects marked apart', async () => {
    const request = aRequest();
    const states = ['COMPLETE', 'INCOMPLETE', 'COMPLETE_WITH_REJECTS', 'COMPLETE', 'OPEN'] as const;
    await ledger.settleExecution(await read(request, states));
    expect(await coverageOf(request)).toEqual({
      covered: [
        [0, 2],
        [4, 8],
      ],
      withRejects: [[4, 6]],
    });
  });

  test('a day counts only when every shop has it', async () => {
    const request = aRequest();
    const states = ['COMPLETE', 'COMPLETE', 'COMPLETE', 'INCOMPLETE'] as const;
    await ledger.settleExecution(await read(request, states, [1, 2]));
    expect(await coverageOf(request)).toEqual({ covered: [[0, 5]], withRejects: [] });
  });

  test('a clean re-reading clears the mark of rejects, a failed one takes nothing away', async () => {
    const request = aRequest();
    await ledger.settleExecution(await read(request, ['COMPLETE_WITH_REJECTS', 'COMPLETE_WITH_REJECTS']));
    expect(await coverageOf(request)).toEqual({ covered: [[0, 10]], withRejects: [[0, 10]] });
    const again = { ...request, mode: 'REPROCESS', reason: 'mended' } as const;
    await ledger.settleExecution(await read(again, ['COMPLETE', 'INCOMPLETE']));
    expect(await coverageOf(request)).toEqual({ covered: [[0, 10]], withRejects: [[5, 10]] });
  });

  test('a run that ends before it planned covers nothing', async () => {
    const request = aRequest();
    await ledger.failExecution(await begin(request), 'AuthFailed', 'no consent', 77);
    expect(await coverageOf(request)).toEqual({ covered: [], withRejects: [] });
  });

  test('grows together over neighbouring periods', async () => {
    const request = aRequest();
    await ledger.settleExecution(await read(request, ['COMPLETE']));
    const { fromMs, untilMs } = request.period;
    const next = { ...request.period, fromMs: untilMs, untilMs: untilMs + (untilMs - fromMs) };
    await ledger.settleExecution(await read({ ...request, period: next }, ['COMPLETE']));
    expect(await coverageOf(request)).toEqual({ covered: [[0, 20]], withRejects: [] });
  });
});

test('rows that a complete window no longer had are marked missing, in a window that is not complete they are not', async () => {
  const request = aRequest();
  await ledger.settleExecution(await read(request, ['COMPLETE', 'COMPLETE']));
  const missing = () =>
    db.query(`select key from mallsync.tb_probe where mall_id = $1 and missing_since is not null`, [request.mallId]);
  // the probe's store knows no bounds: each complete window marks the other's row
  const before = await missing();
  const execution = await begin({ ...request, mode: 'REPROCESS', reason: 'look again' });
  const { fromMs, untilMs } = execution.period;
  await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
  await ledger.openWindow(execution, 1, 0);
  await ledger.settleWindow(execution, 1, { state: 'INCOMPLETE', countAfter: 3, message: 'counts disagree' });
  expect(await missing()).toEqual(before);
  await ledger.failExecution(execution, 'IncompleteRead', 'counts disagree', 65);
});

test('a split replaces the window and may be tried twice', async () => {
  const execution = await begin(aRequest());
  const { fromMs, untilMs } = execution.period;
  const whole = { fromMs, untilMs, shopNo: 2, dateType: 'join' };
  const parts = [
    { ...whole, untilMs: fromMs + DAY_MS },
    { ...whole, fromMs: fromMs + DAY_MS },
  ];
  await ledger.saveWindows(execution, [whole]);
  const split = await ledger.splitWindow(execution, 1, parts);
  expect(split).toMatchObject([
    { ...parts[0], n: 2, state: 'UNSPLIT', nextOffset: 0, rereads: 0, countBefore: null, checksum: 0n },
    { ...parts[1], n: 3 },
  ]);
  expect(await ledger.splitWindow(execution, 1, parts)).toEqual(split);
  expect((await ledger.saveWindows(execution, [whole])).map((window) => window.n)).toEqual([2, 3]);
});
