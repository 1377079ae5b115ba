import { beforeAll, describe, expect, it } from 'vitest';
import type { TestDatabase } from '../../support/database.ts';
import { createTestDatabase } from '../../support/database.ts';
import { runProgram } from '../../support/program.ts';
import { addError, addExecution, addMall, listAudit } from './operator-fixture.ts';

const BIRTHDAY = 'MEMBER:VALIDATE:BAD_DATE:birthday';
const AMOUNT = 'ORDER:MAP:BAD_NUMBER:payment_amount';
const CONSENT = 'MEMBER:FETCH:AuthFailed:-';

let database: TestDatabase;
let environment: Record<string, string>;
let first: number;
let second: number;

beforeAll(async () => {
  database = await createTestDatabase();
  environment = { MALLSYNC_DATABASE_URL: database.url };
  for (const mallId of [1, 2]) await addMall(database, mallId);
  first = await addExecution(database, { mallId: 1, status: 'COMPLETED_WITH_REJECTS' });
  second = await addExecution(database, { mallId: 2, status: 'COMPLETED_WITH_REJECTS', domainType: 'ORDER' });
  for (const key of ['1|a', '1|b', '1|c']) await addError(database, first, { key, fingerprint: BIRTHDAY });
  await addError(database, second, { key: '1|20251201-0000001', fingerprint: AMOUNT });
  await addError(database, second, { key: '1|20251201-0000002', fingerprint: AMOUNT, status: 'IGNORED' });
  const failed = await addExecution(database, { mallId: 1, status: 'FAILED', failureReason: 'AuthFailed', day: 2 });
  await addError(database, failed, { key: 'instance', fingerprint: CONSENT });
  await database.query(`update mallsync.tb_batch_error_log set shop_no = null, row_key = null where fingerprint = $1`, [
    CONSENT,
  ]);
});

interface Entries {
  readonly entries: readonly { readonly errorId: number; readonly rowKey: string | null; readonly payload: unknown }[];
  readonly nextAfter: number | null;
}

async function list(...args: readonly string[]): Promise<Entries> {
  const result = await runProgram(['errors', 'list', '--json', ...args], environment);
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  return JSON.parse(result.stdout) as Entries;
}

async function listKeys(...args: readonly string[]): Promise<readonly (string | null)[]> {
  return (await list(...args)).entries.map(({ rowKey }) => rowKey);
}

describe('errors list', () => {
  it('shows what is open, newest first, and narrows by mall, domain, group, status and execution', async () => {
    expect(await listKeys()).toEqual([null, '1|20251201-0000001', '1|c', '1|b', '1|a']);
    expect(await listKeys('--mall', '2', '--status', 'all')).toHaveLength(2);
    expect(await listKeys('--domain', 'ORDER')).toEqual(['1|20251201-0000001']);
    expect(await listKeys('--status', 'ignored')).toEqual(['1|20251201-0000002']);
    expect(await listKeys('--execution', String(first))).toEqual(['1|c', '1|b', '1|a']);
    expect((await list('--fingerprint', BIRTHDAY)).entries[0]?.payload).toEqual({ birthday: 'x***' });
  });

  it('goes on behind a page, without a row twice or none', async () => {
    const page = await list('--limit', '3');
    const rest = await list('--limit', '3', '--after', String(page.nextAfter));
    expect([...page.entries, ...rest.entries].map(({ rowKey }) => rowKey)).toEqual(await listKeys());
    expect(rest.nextAfter).toBeNull();
  });

  it('is a table of at most 120 columns for a person', async () => {
    const { stdout } = await runProgram(['errors', 'list'], environment);
    expect(stdout).toMatch(/KEY +FINGERPRINT/);
    expect(stdout).toMatch(/execution \d+ +MEMBER:FETCH:AuthFailed/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});

describe('errors groups', () => {
  it('counts the open rows of each cause, the largest first, and says what to do next', async () => {
    const json = await runProgram(['errors', 'groups', '--json'], environment);
    expect(JSON.parse(json.stdout)).toMatchObject({
      groups: [
        { fingerprint: BIRTHDAY, entries: 3, malls: 1, sampleMessage: 'the field is no date' },
        { fingerprint: CONSENT, entries: 1 },
        { fingerprint: AMOUNT, entries: 1 },
      ],
    });
    const { stdout } = await runProgram(['errors', 'groups'], environment);
    expect(stdout).toContain(`mallsync errors replay --fingerprint ${BIRTHDAY}`);
    expect(stdout).toContain('mallsync rerun --failed');
    expect((await runProgram(['errors', 'groups', '--mall', '77'], environment)).stdout).toMatch(/no rejected rows/);
  });
});

describe('errors ignore', () => {
  it('settles the open rows of a group and records who said why', async () => {
    const args = ['errors', 'ignore', '--fingerprint', AMOUNT, '--reason', 'test orders', '--json'];
    const ignored = await runProgram(args, { ...environment, USER: 'kim' });
    expect(JSON.parse(ignored.stdout)).toEqual({ fingerprint: AMOUNT, ignored: 1 });
    expect(await listKeys('--domain', 'ORDER')).toEqual([]);
    const again = await runProgram(args, environment);
    expect(JSON.parse(again.stdout)).toEqual({ fingerprint: AMOUNT, ignored: 0 });
    const [audit] = await listAudit(database);
    expect(audit).toMatchObject({
      action: 'errors ignore',
      target: AMOUNT,
      outcome: 'done',
      detail: { reason: 'test orders', entries: 1 },
    });
    expect(audit?.actor).toMatch(/^kim@/);
  });

  it('refuses a group that does not exist, and changes nothing', async () => {
    const before = await database.query('select * from mallsync.tb_batch_error_log order by error_id');
    const result = await runProgram(['errors', 'ignore', '--fingerprint', 'MEMBER:X', '--reason', 'y'], environment);
    expect(result).toMatchObject({ exitCode: 64, stdout: '' });
    expect(result.stderr).toMatch(/--fingerprint must be a known group; there is no MEMBER:X/);
    expect(await database.query('select * from mallsync.tb_batch_error_log order by error_id')).toEqual(before);
  });
});

describe('errors replay', () => {
  const keys = { MALLSYNC_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}` };

  it.each([
    ['a group that does not exist', 'MEMBER:X', [], 64, /there is no MEMBER:X/],
    ['a group of executions', CONSENT, [], 64, /mallsync rerun --failed/],
    ['malls without such a row', BIRTHDAY, ['--malls', '2'], 64, /no open row that fits/],
    ['a mall that does not exist', BIRTHDAY, ['--malls', '9'], 78, /no mall 9/],
  ])('refuses %s, and changes nothing', async (_, fingerprint, more, exitCode, says) => {
    const args = ['errors', 'replay', '--fingerprint', fingerprint, ...more];
    const result = await runProgram(args, { ...environment, ...keys });
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toMatch(says);
    expect(await database.query(`select 1 from mallsync.tb_batch_execution_summary where mode = 'REPLAY'`)).toEqual([]);
  });
});
