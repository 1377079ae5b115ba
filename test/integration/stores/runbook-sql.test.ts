import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadFleetState } from '../../../src/commands/fleet-state.ts';
import { createTestDatabase } from '../../support/database.ts';

const FOLDER = fileURLToPath(new URL('../../../docs/runbooks/', import.meta.url));
const TEXT = readdirSync(FOLDER)
  .map((page) => readFileSync(FOLDER + page, 'utf8'))
  .join('\n');
const STATEMENTS = Array.from(TEXT.matchAll(/psql .*?-q?c "([^"]+)"/g), ([, statement = '']) => statement);

const database = await createTestDatabase();

test('the SQL of the runbooks fits the tables, and makes the metrics say what the alerts ask', async () => {
  await database.query(
    "insert into mallsync.tb_mall_config (mall_id, cafe24_mall_id, name) values (1, 'shop', 'Shop')",
  );
  await database.query(
    `insert into mallsync.tb_mall_credential (mall_id, client_id, client_secret, key_id) values (1, 'client', 'secret', 'k1')`,
  );
  // twice, as the loop of one of them does
  for (const statement of [...STATEMENTS, ...STATEMENTS]) await database.query(statement);
  expect(STATEMENTS).toHaveLength(4);
  expect(STATEMENTS.length).toBe(TEXT.match(/psql /g)?.length);
  const settings = { mallMetrics: true, nightDeadline: '07:00', freshnessTargetHours: 30 };
  const { gauges, totals } = await loadFleetState(await database.open(), settings, Date.now());
  expect(gauges).toMatchObject({
    consents_expiring_malls: [{ value: 1 }],
    budget_blocked_malls: [{ value: 1 }],
  });
  const late = totals.filter(({ name }) => name === 'outcome_record_lag_seconds_bucket');
  expect(Object.fromEntries(late.map(({ labels, value }) => [labels['le'], value]))).toEqual({
    '60': 10,
    '300': 10,
    '1800': 10,
    '+Inf': 10,
  });
});
