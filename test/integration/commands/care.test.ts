import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestDatabase } from '../../support/database.ts';
import { createTestDatabase } from '../../support/database.ts';
import { runProgram } from '../../support/program.ts';
import { addError, addExecution, addMall, addWindow, listAudit } from './operator-fixture.ts';

const key = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;
const [K1, K2] = [key('k1'), key('k2')];

let database: TestDatabase;
let environment: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  environment = { MALLSYNC_DATABASE_URL: database.url, MALLSYNC_ENCRYPTION_KEYS: K1 };
  await addMall(database, 1);
});

beforeEach(() => database.query('truncate mallsync.tb_audit_log'));

async function runJson(args: readonly string[], more: Record<string, string> = {}): Promise<unknown> {
  const result = await runProgram([...args, '--json'], { ...environment, ...more });
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  return JSON.parse(result.stdout);
}

describe('prune', () => {
  beforeAll(async () => {
    const old = await addExecution(database, { mallId: 1, status: 'FAILED', day: 1, daysAgo: 500 });
    await addExecution(database, { mallId: 1, status: 'COMPLETED', day: 1, attemptCount: 2, daysAgo: 500 });
    const young = await addExecution(database, { mallId: 1, status: 'COMPLETED_WITH_REJECTS', day: 2 });
    await addWindow(database, old, 1, 'COMPLETE');
    await addWindow(database, young, 1, 'COMPLETE');
    await addError(database, old, { key: '1|a', fingerprint: 'MEMBER:MAP:BAD_DATE:birthday', daysAgo: 200 });
    await addError(database, young, { key: '1|b', fingerprint: 'MEMBER:MAP:BAD_DATE:birthday', daysAgo: 100 });
  });

  const removed = { errorEntries: 1, windows: 1, executions: 1, requests: 0, auditEntries: 0, mallSyncs: 0 };

  it('says what it would remove, and removes nothing, with --dry-run', async () => {
    const count = `select (select count(*) from mallsync.tb_batch_execution_summary)::int as executions,
      (select count(*) from mallsync.tb_batch_window)::int as windows, (select count(*) from mallsync.tb_batch_error_log)::int as errors`;
    const before = await database.query(count);
    expect(await runJson(['prune', '--dry-run'])).toMatchObject({ dryRun: true, removed });
    expect(await runJson(['prune', '--dry-run', '--rejected-days', '50'])).toMatchObject({
      removed: { errorEntries: 2 },
    });
    const { stdout } = await runProgram(['prune', '--dry-run'], environment);
    expect(stdout).toMatch(/tb_batch_error_log +1\n/);
    expect(await database.query(count)).toEqual(before);
    expect(await listAudit(database)).toEqual([]);
  });

  it('removes what is past its retention, table by table, and records it', async () => {
    const { stdout } = await runProgram(['prune'], environment);
    expect(stdout).toMatch(/TABLE +REMOVED\n[^]*tb_batch_execution_summary +1\n/);
    expect(await listAudit(database)).toMatchObject([{ action: 'prune', outcome: 'done', detail: removed }]);
    expect(await runJson(['prune'])).toMatchObject({ removed: { errorEntries: 0, windows: 0, executions: 0 } });
  });

  it('keeps the execution that makes an old period known as complete', async () => {
    await runJson(['prune']);
    expect(
      await database.query(
        `select status, attempt_count from mallsync.tb_batch_execution_summary where start_date like '%-01T%'`,
      ),
    ).toEqual([{ status: 'COMPLETED', attempt_count: 2 }]);
  });
});

describe('erase', () => {
  const PERSON = 'gildong77';

  beforeAll(async () => {
    await database.query(
      `insert into mallsync.tb_member (mall_id, shop_no, member_id, name, email, observed_at, first_execution_id, changed_execution_id, content_hash)
       values (1, 1, $1, 'Hong', 'hong@example.com', now(), 1, 1, 0), (1, 2, $1, 'Hong', null, now(), 1, 1, 0),
         (1, 1, 'other', 'Kim', null, now(), 1, 1, 0)`,
      [PERSON],
    );
    await database.query(
      `insert into mallsync.tb_order (mall_id, shop_no, order_id, member_id, billing_name, payment_amount, observed_at, first_execution_id,
         changed_execution_id, content_hash, extra)
       values (1, 1, '20251201-0000001', $1, 'Hong', 1000, now(), 1, 1, 0, '{"note": "for Hong"}')`,
      [PERSON],
    );
    const execution = await addExecution(database, { mallId: 1, status: 'COMPLETED_WITH_REJECTS', day: 5 });
    await addError(database, execution, { key: `1|${PERSON}`, fingerprint: 'MEMBER:MAP:BAD_DATE:birthday' });
  });

  it('removes the member from data, extra fields and error rows, keeps the order, and records no name', async () => {
    const erased = await runJson(['erase', '--mall', '1', '--member', PERSON]);
    expect(erased).toMatchObject({ mallId: 1, rows: 3, logEntries: 1, interruptedExecutions: [] });
    expect(await database.query('select member_id from mallsync.tb_member')).toEqual([{ member_id: 'other' }]);
    expect(
      await database.query('select member_id, billing_name, payment_amount, extra from mallsync.tb_order'),
    ).toEqual([{ member_id: null, billing_name: null, payment_amount: '1000', extra: null }]);
    const audit = await listAudit(database);
    expect(audit).toMatchObject([
      { action: 'erase', target: 'mall 1', outcome: 'done', detail: { rows: 3, logEntries: 1 } },
    ]);
    expect(JSON.stringify(audit)).not.toContain(PERSON);
    const everything = await database.query<{ line: string }>(
      `select x::text as line from mallsync.tb_member x union all select x::text from mallsync.tb_order x
       union all select x::text from mallsync.tb_batch_error_log x union all select x::text from mallsync.tb_audit_log x`,
    );
    expect(everything.filter(({ line }) => line.includes(PERSON) || line.includes('Hong'))).toEqual([]);
  });

  it('may be done again', async () => {
    expect(await runJson(['erase', '--mall', '1', '--member', PERSON])).toMatchObject({ rows: 0, logEntries: 0 });
  });

  it('refuses a mall that does not exist, and keeps no hash', async () => {
    const count = (): Promise<unknown> => database.query('select count(*)::int as n from mallsync.tb_erased_member');
    const before = await count();
    const result = await runProgram(['erase', '--mall', '9', '--member', PERSON], environment);
    expect(result).toMatchObject({ exitCode: 64, stdout: '' });
    expect(result.stderr).toMatch(/--mall must be a registered mall; there is no mall 9/);
    expect(result.stderr).not.toContain(PERSON);
    expect(await count()).toEqual(before);
  });
});

describe('keys rotate', () => {
  beforeAll(async () => {
    const malls = [21, 22].map((mallId) => ({
      mallId,
      cafe24MallId: `keyed-${mallId}`,
      clientId: 'c',
      clientSecret: 'secret',
      refreshToken: `token ${mallId}`,
    }));
    await runProgram(['malls', 'import', '-'], environment, JSON.stringify(malls));
    await runJson(['erase', '--mall', '1', '--member', 'somebody']);
  });

  it('encrypts with the first key, says which key may leave, and finds nothing to do the second time', async () => {
    const both = { MALLSYNC_ENCRYPTION_KEYS: `${K2},${K1}` };
    expect(await runJson(['keys', 'rotate'], both)).toMatchObject({
      rotated: 2,
      current: 0,
      keys: [
        { keyId: 'k2', credentials: 2, erasedMembers: 0 },
        { keyId: 'k1', credentials: 0 },
      ],
    });
    expect(await listAudit(database)).toMatchObject([
      { action: 'keys rotate', target: 'key k2', detail: { rotated: 2 } },
    ]);
    const { stdout } = await runProgram(['keys', 'rotate'], { ...environment, ...both });
    expect(stdout).toMatch(/^0 encrypted anew with key k2, 2 were so already\n/);
    expect(stdout).toMatch(/key k1: 0 credentials, \d+ erased members; must stay/);
    expect(await runJson(['keys', 'rotate'], { MALLSYNC_ENCRYPTION_KEYS: K2 })).toMatchObject({
      rotated: 0,
      current: 2,
    });
  });

  it('ends with 78 and changes nothing when the key of a credential is missing', async () => {
    const select = 'select mall_id, client_secret, refresh_token from mallsync.tb_mall_credential order by mall_id';
    const before = await database.query(select);
    const result = await runProgram(['keys', 'rotate'], { ...environment, MALLSYNC_ENCRYPTION_KEYS: key('k3') });
    expect(result).toMatchObject({ exitCode: 78, stdout: '' });
    expect(result.stderr).toMatch(/MALLSYNC_ENCRYPTION_KEYS lacks the key k2/);
    expect(await database.query(select)).toEqual(before);
    expect(await listAudit(database)).toMatchObject([{ action: 'keys rotate', outcome: 'ConfigInvalid' }]);
  });
});
