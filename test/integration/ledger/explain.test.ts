import { Client } from 'pg';
import { afterAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { admitExecution } from '../../../src/adapters/postgres/admission.ts';
import { claimExecution } from '../../../src/adapters/postgres/claim.ts';
import { abandonLostExecutions, stopExecution } from '../../../src/adapters/postgres/execution-stop.ts';
import { listTakeable } from '../../../src/adapters/postgres/execution-store.ts';
import { createLeaseKeeper } from '../../../src/adapters/postgres/lease-keeper.ts';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import { LeaseLostError } from '../../../src/domain/errors.ts';
import { createTestDatabase } from '../../support/database.ts';
import {
  aPage,
  aRejectedRow,
  aRequest,
  aRow,
  claim,
  createProbeTable,
  probeStore,
  REFUSED_VALUE,
} from '../../support/database-probe.ts';

const db = await createTestDatabase();
await createProbeTable(db);

interface Ran {
  readonly text: string;
  readonly values: readonly unknown[];
}

const planNode = z.looseObject({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Index Name': z.string().optional(),
  'Index Cond': z.string().optional(),
  get Plans() {
    return z.array(planNode).optional();
  },
});
type PlanNode = z.infer<typeof planNode>;
const explained = z.array(z.object({ Plan: planNode }));

/** Every statement that the program sends while `work` runs, with the values of its first run. */
async function record(work: () => Promise<void>): Promise<readonly Ran[]> {
  const ran = new Map<string, Ran>();
  const send = vi.spyOn(Client.prototype, 'query');
  await work();
  for (const [first, second] of send.mock.calls as readonly (readonly unknown[])[]) {
    const query = typeof first === 'string' ? { text: first, values: second } : first;
    const { text, values } = z.object({ text: z.string(), values: z.array(z.unknown()).optional() }).parse(query);
    if (/^\s*(select|insert|update|delete|with)\b/i.test(text) && !ran.has(text))
      ran.set(text, { text, values: values ?? [] });
  }
  send.mockRestore();
  return [...ran.values()];
}

function listNodes(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(listNodes)];
}

const recorder = new Client({ connectionString: db.url });
await recorder.connect();
afterAll(() => recorder.end());

/** Their predicate is the condition: live executions are few, however long the history is. */
const LIVE_INDEXES = new Set(['tb_batch_execution_live', 'tb_batch_execution_one_live']);

function readsWholeTable(node: PlanNode): boolean {
  if (node['Node Type'] === 'Seq Scan') return true;
  const { 'Index Name': index, 'Index Cond': condition } = node;
  return index !== undefined && condition === undefined && !LIVE_INDEXES.has(index);
}

async function listWholeTableScans({ text, values }: Ran): Promise<readonly string[]> {
  await recorder.query('begin');
  // a plan that still scans a whole table has no index that could serve it
  await recorder.query('set local enable_seqscan = off');
  const { rows } = await recorder.query(`explain (format json) ${text}`, [...values]);
  await recorder.query('rollback');
  const plans = explained.parse((rows as readonly Record<string, unknown>[])[0]?.['QUERY PLAN']);
  return plans
    .flatMap(({ Plan }) => listNodes(Plan))
    .filter(readsWholeTable)
    .map((node) => `${node['Relation Name'] ?? node['Index Name']} in ${text}`);
}

test('every statement of an admission, a claim, a page and a settlement is served by an index', async () => {
  const database = await db.open({ poolSize: 1 });
  const ledger = createLedger({ database, store: probeStore });
  const leases = createLeaseKeeper(database);
  const ran = await record(async () => {
    const request = aRequest();
    const admission = await admitExecution(database, request);
    const executionId = admission.kind === 'admitted' ? admission.executionId : 0;
    const execution = await claim(database, executionId);
    await claimExecution(database, executionId, 'other');
    await leases.renew(execution, 'RUNNING');
    await expect(leases.renew({ ...execution, fenceToken: 9 }, 'RUNNING')).rejects.toBeInstanceOf(LeaseLostError);
    await ledger.loadWindows(execution);
    const { fromMs, untilMs } = execution.period;
    const window = { fromMs, untilMs, shopNo: 1, dateType: 'join' };
    await ledger.saveWindows(execution, [window]);
    await ledger.splitWindow(execution, 1, [window]);
    await ledger.openWindow(execution, 2, 1);
    const page = { windowN: 2, rejected: [aRejectedRow()] };
    await ledger.commitPage(execution, aPage([aRow('1|a'), aRow('1|b', REFUSED_VALUE)], page));
    await ledger.commitPage(execution, aPage([aRow('1|c')], { windowN: 2, offset: 3, nextOffset: 4 }));
    await ledger.loadKeyHashes(execution, 2);
    await ledger.rereadWindow(execution, 2, 1);
    await ledger.commitPage(execution, aPage([aRow('1|a')], { ...page, rereads: 1 }));
    await ledger.addCosts(execution, aPage([]).costs);
    await ledger.settleWindow(execution, 2, { state: 'COMPLETE_WITH_REJECTS', countAfter: 1, message: null });
    await ledger.settleExecution(execution);
    const replayed = await admitExecution(database, {
      ...request,
      mode: 'REPLAY',
      fingerprints: ['MEMBER:MAP:BAD_DATE:created_date'],
    });
    const replay = await claim(database, replayed.kind === 'admitted' ? replayed.executionId : 0);
    await ledger.loadRejected(replay);
    await ledger.commitReplay(replay, {
      ...aPage([aRow('1|bad')], { rejected: [aRejectedRow({ key: '1|x' })] }),
      settledKeys: [],
      window,
      isWindowEnd: true,
    });
    await ledger.settleExecution(replay);
    const again = await admitExecution(database, { ...request, mode: 'REPROCESS', reason: 'again' });
    const failing = await claim(database, again.kind === 'admitted' ? again.executionId : 0);
    await ledger.releaseExecution(failing, 'UpstreamUnavailable', 'answered 503');
    await listTakeable(database, 'test');
    const resumed = await claim(database, failing.executionId);
    await ledger.failExecution(resumed, 'AuthFailed', 'no consent', 77);
    const last = await admitExecution(database, request);
    await stopExecution(database, last.kind === 'admitted' ? last.executionId : 0, 'by a test');
    await abandonLostExecutions(database);
  });
  expect(ran.length).toBeGreaterThan(35);
  const scans: string[] = [];
  for (const statement of ran) scans.push(...(await listWholeTableScans(statement)));
  expect(scans).toEqual([]);
  for (const text of [
    'select 1 from mallsync.tb_batch_error_log where message = $1',
    'select max(n) from mallsync.tb_batch_window where message = $1',
  ]) {
    expect(await listWholeTableScans({ text, values: ['x'] })).not.toEqual([]);
  }
});

test('a page takes at most eight statements besides its rows', async () => {
  const database = await db.open();
  const ledger = createLedger({
    database,
    store: { ...probeStore, write: async () => ({ inserted: 1, updated: 0, unchanged: 0, stale: 0, refused: [] }) },
  });
  const admission = await admitExecution(database, aRequest());
  const execution = await claim(database, admission.kind === 'admitted' ? admission.executionId : 0);
  const { fromMs, untilMs } = execution.period;
  await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
  await ledger.openWindow(execution, 1, 1);
  const send = vi.spyOn(Client.prototype, 'query');
  await ledger.commitPage(execution, aPage([aRow('1|a')]));
  expect(send.mock.calls).toHaveLength(4);
  await ledger.commitPage(execution, aPage([aRow('1|b')], { offset: 1, nextOffset: 2, rejected: [aRejectedRow()] }));
  await ledger.commitPage(execution, aPage([aRow('1|c')], { offset: 2, nextOffset: 3, rejected: [aRejectedRow()] }));
  expect(send.mock.calls.length - 4).toBeLessThanOrEqual(2 * 8);
  send.mockRestore();
});
