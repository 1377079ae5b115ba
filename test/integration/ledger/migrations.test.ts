import { expect, test } from 'vitest';
import { admitExecution } from '../../../src/adapters/postgres/admission.ts';
import { createLedger } from '../../../src/adapters/postgres/ledger.ts';
import { assertProgramFits, migrate } from '../../../src/adapters/postgres/migrate.ts';
import { compareVersions } from '../../../src/adapters/postgres/migrate-files.ts';
import { createTestDatabase } from '../../support/database.ts';
import { aPage, aRejectedRow, aRequest, claim } from '../../support/database-probe.ts';

const db = await createTestDatabase({ isEmpty: true });
const CONFIG_INVALID = { reason: 'ConfigInvalid', isTransient: false };

test('an empty database is refused until it is migrated', async () => {
  const database = await db.open({ schema: 'nothing' });
  await expect(assertProgramFits(database, '0.1.0')).rejects.toMatchObject({
    ...CONFIG_INVALID,
    message: expect.stringContaining('mallsync migrate'),
  });
});

test('two rival processes apply each migration once', async () => {
  const [one, two] = await Promise.all([db.open(), db.open()]);
  const results = await Promise.all([migrate(one, '0.1.0'), migrate(two, '0.1.0')]);
  const files = results.flatMap((result) => result.applied);
  expect(files).toContain('000001_ledger.sql');
  expect(new Set(files).size).toBe(files.length);
  expect(results.some((result) => result.applied.length === 0)).toBe(true);
  await expect(assertProgramFits(one, '0.1.0')).resolves.toBeUndefined();
});

test('another schema name works from migration to settlement, beside the first', async () => {
  const database = await db.open({ schema: 'user' });
  await migrate(database, '0.1.0');
  const store = {
    write: async () => ({ inserted: 1, updated: 0, unchanged: 0, stale: 0, refused: [] }),
    markMissing: async () => 0,
  };
  const ledger = createLedger({ database, store });
  const admission = await admitExecution(database, aRequest());
  const execution = await claim(database, admission.kind === 'admitted' ? admission.executionId : 0);
  const { fromMs, untilMs } = execution.period;
  await ledger.saveWindows(execution, [{ fromMs, untilMs, shopNo: 1, dateType: 'join' }]);
  await ledger.openWindow(execution, 1, 1);
  await ledger.commitPage(execution, aPage([], { rejected: [aRejectedRow()] }));
  await ledger.settleWindow(execution, 1, { state: 'COMPLETE_WITH_REJECTS', countAfter: 1, message: null });
  expect(await ledger.settleExecution(execution)).toMatchObject({ status: 'COMPLETED_WITH_REJECTS' });
  const [count] = await db.query(`select (select count(*)::int from "user".tb_batch_window) as here,
    (select count(*)::int from mallsync.tb_batch_window) as there`);
  expect(count).toEqual({ here: 1, there: 0 });
});

test('a file that was changed after it was applied is refused, by migrate and by every other command', async () => {
  const database = await db.open();
  await db.query(`update mallsync.tb_schema_migration set checksum = 'other' where number = 1`);
  const changed = { ...CONFIG_INVALID, message: expect.stringContaining('000001_ledger.sql was changed') };
  await expect(migrate(database, '0.1.0')).rejects.toMatchObject(changed);
  await expect(assertProgramFits(database, '0.1.0')).rejects.toMatchObject(changed);
  await db.query(`delete from mallsync.tb_schema_migration`);
});

test('a migration that fails leaves nothing behind and names its file', async () => {
  const database = await db.open();
  await expect(migrate(database, '0.1.0')).rejects.toThrow(/000001_ledger.sql failed and was rolled back/);
  expect(await db.query('select number from mallsync.tb_schema_migration')).toEqual([]);
});

test('a database that needs a newer program is refused, an older program within the same minimum is not', async () => {
  const database = await db.open({ schema: 'user' });
  await db.query(`insert into "user".tb_schema_migration (number, name, checksum, min_program, program)
    values (900000, '900000_later.sql', 'x', '0.1.0', '0.1.7')`);
  await expect(assertProgramFits(database, '0.1.0')).resolves.toBeUndefined();
  await db.query(`update "user".tb_schema_migration set min_program = '0.2.0' where number = 900000`);
  const newer = { ...CONFIG_INVALID, message: expect.stringContaining('0.2.0 or newer') };
  await expect(assertProgramFits(database, '0.1.9')).rejects.toMatchObject(newer);
  await expect(migrate(database, '0.1.9')).rejects.toMatchObject(newer);
  await expect(assertProgramFits(database, '0.2.0')).resolves.toBeUndefined();
});

test('versions compare by number, not by text', () => {
  expect(compareVersions('0.10.0', '0.9.9')).toBeGreaterThan(0);
  expect(compareVersions('1.0.0', '1.0.0-rc.1')).toBe(0);
  expect(compareVersions('0.9.9', '1.0.0')).toBeLessThan(0);
});
