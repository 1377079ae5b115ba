import { claimExecution } from '../../../src/adapters/postgres/claim.ts';
import { createControllerLedger } from '../../../src/adapters/postgres/controller-ledger.ts';
import { drawEpoch } from '../../../src/adapters/postgres/controller-term.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import type { ControllerLedger, Outcome } from '../../../src/controller/controller-ledger.ts';
import type { MallSync, MallSyncSpec } from '../../../src/controller/mall-sync.ts';
import type { LedgerState, MallRecord, Run } from '../../../src/controller/run.ts';
import type { ClaimedExecution } from '../../../src/domain/execution.ts';
import { parsePeriod } from '../../../src/domain/period.ts';
import type { TestDatabase } from '../../support/database.ts';
import { aPage, aRejectedRow, aRow, probeStore } from '../../support/database-probe.ts';

export type OwnedMallSync = Pick<MallSync, 'name' | 'uid' | 'retryRequestId'>;

let serial = 0;

/** A MallSync that no other test has. */
export function aMallSync(overrides: Partial<OwnedMallSync> = {}): OwnedMallSync {
  serial += 1;
  return { name: `sync-${serial}`, uid: `uid-${serial}`, retryRequestId: null, ...overrides };
}

/** A period of one day in the past that no other test asks for. */
export function aPeriod() {
  serial += 1;
  const day = (n: number) => new Date(Date.UTC(2015, 0, 1 + n)).toISOString().slice(0, 19);
  return parsePeriod(day(serial), day(serial + 1));
}

export function aSpec(overrides: Partial<MallSyncSpec> = {}): MallSyncSpec {
  return {
    domainType: 'MEMBER',
    period: aPeriod(),
    mallIds: [1, 2, 3],
    mallSelector: null,
    pageSize: 1000,
    attemptCount: null,
    reprocess: false,
    reason: '',
    trigger: 'MANUAL',
    requestedBy: 'kim',
    replay: null,
    parallelism: 20,
    priority: 0,
    suspend: false,
    cancel: false,
    activeDeadlineSeconds: 21_600,
    ttlSecondsAfterFinished: 604_800,
    ...overrides,
  };
}

export function anOutcome(executionId: number, overrides: Partial<Outcome> = {}): Outcome {
  return { executionId, end: null, disagreement: null, createToStartSeconds: null, lagSeconds: null, ...overrides };
}

/** A leader of an installation, in a term of its own. */
export async function lead(database: Database, installationId = 'here'): Promise<ControllerLedger> {
  const epoch = await drawEpoch(database, installationId, 'test');
  return createControllerLedger({ database, installationId, namespace: 'batch', epoch });
}

/** Malls 1 to `count`. */
export async function addMalls(db: TestDatabase, count: number): Promise<void> {
  await db.query(
    `insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name) select n, 'mall-' || n, 'Mall ' || n
     from generate_series(1, $1::integer) as n`,
    [count],
  );
}

export function mallOf(state: LedgerState, mallId: number): MallRecord {
  const mall = state.malls?.find((each) => each.mallId === mallId);
  if (mall === undefined) throw new Error(`mall ${mallId} is not in it`);
  return mall;
}

/** The newest run of a mall. */
export function runOf(state: LedgerState, mallId: number): Run {
  const run = state.runs.findLast((each) => each.mallId === mallId);
  if (run === undefined) throw new Error(`mall ${mallId} has no run`);
  return run;
}

export async function claim(database: Database, executionId: number): Promise<ClaimedExecution> {
  const result = await claimExecution(database, executionId, 'pod');
  if (result.kind !== 'claimed') throw new Error(`not claimed but ${result.kind}`);
  return result.execution;
}

/** What a Job's process does that reads everything. */
export async function complete(database: Database, executionId: number, { withReject = false } = {}): Promise<void> {
  const execution = await claim(database, executionId);
  const ledger = createLedger({ database, store: probeStore });
  const planned = (await ledger.loadWindows(execution)).windows;
  const { fromMs, untilMs } = execution.period;
  const windows =
    planned.length > 0
      ? planned
      : await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
  for (const { n } of windows) {
    await ledger.openWindow(execution, n, 1);
    const rejected = withReject ? [aRejectedRow()] : [];
    await ledger.commitPage(execution, aPage([aRow('1|a')], { windowN: n, rejected }));
    const state = withReject ? 'COMPLETE_WITH_REJECTS' : 'COMPLETE';
    await ledger.settleWindow(execution, n, { state, countAfter: 1, message: null });
  }
  await ledger.settleExecution(execution);
}

/** What a Job's process does whose mall's consent is gone. */
export async function fail(database: Database, executionId: number): Promise<void> {
  const execution = await claim(database, executionId);
  await createLedger({ database, store: probeStore }).failExecution(execution, 'AuthFailed', 'no consent', 77);
}

/** Sum over the shards of a total. */
export async function totalOf(db: TestDatabase, name: string, labels: Record<string, string> = {}): Promise<number> {
  const [row] = await db.query<{ value: number }>(
    'select coalesce(sum(value), 0) as value from mallsync.tb_metric_total where name = $1 and labels @> $2',
    [name, JSON.stringify(labels)],
  );
  return row?.value ?? 0;
}
