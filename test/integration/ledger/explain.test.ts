import { Client } from 'pg';
import { expect, test, vi } from 'vitest';
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
import { openQueryPlans, recordStatements } from '../../support/query-plans.ts';

const db = await createTestDatabase();
await createProbeTable(db);

const plans = await openQueryPlans(db.url);

test('every statement of an admission, a claim, a page and a settlement is served by an index', async () => {
  const database = await db.open({ poolSize: 1 });
  const ledger = createLedger({ database, store: probeStore });
  const leases = createLeaseKeeper(database);
  const ran = await recordStatements(async () => {
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
  for (const statement of ran) scans.push(...(await plans.listWholeTableScans(statement)));
  expect(scans).toEqual([]);
  for (const text of [
    'select 1 from mallsync.tb_batch_error_log where message = $1',
    'select max(n) from mallsync.tb_batch_window where message = $1',
  ]) {
    expect(await plans.listWholeTableScans({ text, values: ['x'] })).not.toEqual([]);
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
