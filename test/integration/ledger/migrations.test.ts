import { expect, test } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { assertProgramFits, migrate } from '../../../src/adapters/postgres/migrate.ts';

const db = await createTestDatabase({ isEmpty: true });

test('two rival processes apply each migration once', async () => {
  const [one, two] = await Promise.all([db.open(), db.open()]);
  await expect(assertProgramFits(one, '0.1.0')).rejects.toMatchObject({ reason: 'ConfigInvalid' });
  const results = await Promise.all([migrate(one, '0.1.0'), migrate(two, '0.1.0')]);
  const files = results.flatMap((result) => result.applied);
  expect(files).toContain('000001_ledger.sql');
  expect(new Set(files).size).toBe(files.length);
  expect(results.some((result) => result.applied.length === 0)).toBe(true);
  await expect(assertProgramFits(one, '0.1.0')).resolves.toBeUndefined();
});
