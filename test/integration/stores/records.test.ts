import { beforeAll, describe, expect, it } from 'vitest';
import { createAuditLog } from '../../../src/adapters/postgres/audit-log.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { loadLocalInstallationId } from '../../../src/adapters/postgres/installation.ts';
import { loadMetricTotals } from '../../../src/adapters/postgres/metric-totals.ts';
import { createTestDatabase } from '../../support/database.ts';

const testDatabase = await createTestDatabase();
let database: Database;

beforeAll(async () => {
  database = await testDatabase.open();
});

describe('local installation', () => {
  it('is one id for all who ask, however many ask first', async () => {
    const rivals = await Promise.all(Array.from({ length: 8 }, () => testDatabase.open()));
    const ids = await Promise.all(rivals.map((rival) => loadLocalInstallationId(rival)));
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(await loadLocalInstallationId(database)).toBe(ids[0]);
    expect(await testDatabase.query('select * from mallsync.tb_installation')).toHaveLength(1);
  });

  it('leaves the installations of clusters alone', async () => {
    const local = await loadLocalInstallationId(database);
    await testDatabase.query(`insert into mallsync.tb_installation values ('cluster a', false), ('cluster b', false)`);
    expect(await loadLocalInstallationId(database)).toBe(local);
  });
});

describe('metric totals', () => {
  it('are summed over the rows that each is spread over', async () => {
    await testDatabase.query(
      `insert into mallsync.tb_metric_total (name, labels, shard, value) values
        ('rows_total', '{"domain":"ORDER","outcome":"inserted"}', 0, 5), ('rows_total', '{"domain":"ORDER","outcome":"inserted"}', 7, 6.5),
        ('rows_total', '{"domain":"MEMBER","outcome":"inserted"}', 7, 1), ('api_requests_total', '{"endpoint":"orders","code":"200"}', 3, 2)`,
    );
    expect(await loadMetricTotals(database.pool)).toEqual(
      [
        { name: 'api_requests_total', labels: { endpoint: 'orders', code: '200' }, value: 2 },
        { name: 'rows_total', labels: { domain: 'ORDER', outcome: 'inserted' }, value: 11.5 },
        { name: 'rows_total', labels: { domain: 'MEMBER', outcome: 'inserted' }, value: 1 },
      ].toSorted(
        (a, b) => a.name.localeCompare(b.name) || JSON.stringify(a.labels).localeCompare(JSON.stringify(b.labels)),
      ),
    );
  });
});

describe('audit log', () => {
  it('keeps who did what, newest first', async () => {
    const audit = createAuditLog({ pool: database.pool });
    const record = {
      actor: 'kim',
      action: 'malls deactivate',
      target: 'mall 3',
      source: 'host',
      outcome: 'done',
      detail: { forced: true },
    };
    await audit.record({ ...record, target: 'mall 2' });
    await audit.record(record);
    const [newest, ...older] = await audit.listEntries(10);
    expect(newest).toEqual({ ...record, auditId: expect.any(Number), atMs: expect.any(Number) });
    expect(older).toMatchObject([{ target: 'mall 2' }]);
    expect(await audit.listEntries(10, newest?.auditId)).toHaveLength(1);
  });
});
