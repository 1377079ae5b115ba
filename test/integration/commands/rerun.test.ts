import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Simulator } from '../../../src/simulator/start.ts';
import { startSimulator } from '../../../src/simulator/start.ts';
import type { TestDatabase } from '../../support/database.ts';
import { createTestDatabase } from '../../support/database.ts';
import type { Finished } from '../../support/program.ts';
import { runProgram, startProgram } from '../../support/program.ts';
import { addExecution, listAudit } from './operator-fixture.ts';

const CLIENT = { clientId: 'client', clientSecret: 'secret' };
const BAD_DATE = 'MEMBER:VALIDATE:BAD_DATE:created_date';
const DAY = { startDate: '2025-12-01T00:00:00', endDate: '2025-12-01T23:59:59' };
const PERIOD = ['--start', '2025-12-01T00:00:00', '--end', '2025-12-02T00:00:00'];

let database: TestDatabase;
let simulator: Simulator;
let environment: Record<string, string>;

interface RerunDocument {
  readonly key: string;
  readonly isServed: boolean;
  readonly requests: readonly {
    readonly requestId: number;
    readonly kind: string;
    readonly domainType: string;
    readonly state: string;
    readonly items: readonly {
      readonly mallId: number;
      readonly outcome: string;
      readonly executionId: number | null;
    }[];
  }[];
}

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({
    seed: 3,
    malls: [
      { cafe24MallId: 'rosemall', ...CLIENT, refreshToken: 'r1', membersPerDay: 40, ordersPerDay: 10 },
      { cafe24MallId: 'lilymall', ...CLIENT, refreshToken: 'r2', membersPerDay: 40, consent: 'lost' },
      {
        cafe24MallId: 'poisonmall',
        ...CLIENT,
        refreshToken: 'r3',
        membersPerDay: 40,
        poison: { members: { perDay: 2, kinds: ['bad-date'] } },
      },
    ],
  });
  environment = {
    MALLSYNC_DATABASE_URL: database.url,
    MALLSYNC_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    MALLSYNC_CAFE24_URL: simulator.cafe24Url,
    MALLSYNC_LOG_LEVEL: 'warn',
    MALLSYNC_LEASE_SECONDS: '2',
    USER: 'kim',
  };
  const malls = ['rosemall', 'lilymall', 'poisonmall'].map((cafe24MallId, index) => ({
    mallId: index + 1,
    cafe24MallId,
    ...CLIENT,
    refreshToken: `r${index + 1}`,
  }));
  await runProgram(['malls', 'import', '-'], environment, JSON.stringify(malls));
  // as it is found after a first refusal, without the pause before the second try
  await database.query(`update mallsync.tb_mall_credential set state = 'NEEDS_CONSENT' where mall_id = 2`);
  await runProgram(['run', '--domain', 'MEMBER', ...PERIOD], environment);
});
afterAll(() => simulator.stop());

async function rerun(...args: readonly string[]): Promise<Finished & { readonly document: RerunDocument }> {
  const result = await runProgram(['rerun', '--json', ...args], environment);
  return { ...result, document: JSON.parse(result.stdout || '{}') as RerunDocument };
}

function outcomesOf({ requests }: RerunDocument): readonly (readonly [number, string])[] {
  return requests.flatMap(({ items }) => items.map(({ mallId, outcome }) => [mallId, outcome] as const));
}

/** All of them, or those of one begin. */
async function countExecutions(startDate = '%'): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    'select count(*)::int as n from mallsync.tb_batch_execution_summary where start_date like $1',
    [startDate],
  );
  return row?.n ?? 0;
}

describe('rerun', () => {
  it('runs what failed here and now where no server is connected, and ends with the reason’s code', async () => {
    const { exitCode, document } = await rerun('--failed');
    expect(outcomesOf(document)).toEqual([[2, 'failed']]);
    expect(document).toMatchObject({
      isServed: false,
      requests: [{ kind: 'RESUME', domainType: 'MEMBER', state: 'DONE' }],
    });
    expect(exitCode).toBe(77);
    const text = await runProgram(['rerun', '--failed'], environment);
    expect(text.stdout).toMatch(/AuthFailed: mall 2\n.*\n {4}Authorize the mall again/);
    expect(Math.max(...text.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(await listAudit(database)).toContainEqual(
      expect.objectContaining({ action: 'rerun', outcome: 'done', detail: expect.objectContaining({ malls: '2' }) }),
    );
  });

  it('reads a period that never ran, and calls it complete when it is asked for again', async () => {
    const order = ['--malls', '1', '--domain', 'ORDER', ...PERIOD];
    const first = await rerun(...order);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcomesOf(first.document)).toEqual([[1, 'completed']]);
    const [stored] = await database.query<{ n: number }>('select count(*)::int as n from mallsync.tb_order');
    const truth = await simulator.control.readTruth('rosemall', { domainType: 'ORDER', ...DAY });
    expect(stored?.n).toBe(truth.count);
    const second = await rerun(...order);
    expect(outcomesOf(second.document)).toEqual([[1, 'already complete']]);
    expect(second.exitCode).toBe(0);
  });

  it('is one request a key, however often it is sent', async () => {
    const sales = ['--malls', '1', '--domain', 'SALES', ...PERIOD, '--key', 'sales-1201'];
    const first = await rerun(...sales);
    const before = await countExecutions();
    const second = await rerun(...sales);
    expect(second.document).toEqual(first.document);
    expect(await countExecutions()).toBe(before);
    const other = await rerun('--malls', '3', '--domain', 'SALES', ...PERIOD, '--key', 'sales-1201');
    expect(other).toMatchObject({ exitCode: 78, stdout: '' });
    expect(other.stderr).toMatch(/"sales-1201 .*" stands for request \d+, which asks for something else/);
    const search = await rerun('--failed', '--key', 'failed-1201');
    expect((await rerun('--failed', '--key', 'failed-1201')).document).toEqual(search.document);
  });

  it('reads again what is complete when it is a reprocess, and only then', async () => {
    const [complete] = await database.query<{ id: string }>(
      `select execution_id as id from mallsync.tb_batch_execution_summary where mall_id = 1 and domain_type = 'MEMBER'`,
    );
    const id = String(complete?.id);
    expect(outcomesOf((await rerun('--execution', id)).document)).toEqual([[1, 'already complete']]);
    const { document, exitCode } = await rerun('--execution', id, '--reprocess', '--reason', 'late members');
    expect(document.requests[0]).toMatchObject({ kind: 'REPROCESS', items: [{ outcome: 'completed' }] });
    expect(exitCode).toBe(0);
    const [anew] = await database.query(
      'select mode, reason, trigger from mallsync.tb_batch_execution_summary where execution_id = $1',
      [document.requests[0]?.items[0]?.executionId],
    );
    expect(anew).toEqual({ mode: 'REPROCESS', reason: 'late members', trigger: 'RERUN' });
  });

  it('goes on with an execution whose process is gone, and leaves one alone that another holds', async () => {
    await addExecution(database, {
      mallId: 1,
      day: 10,
      status: 'RUNNING',
      holder: { name: 'gone/1', leaseSeconds: -10 },
    });
    await addExecution(database, {
      mallId: 3,
      day: 10,
      status: 'RUNNING',
      holder: { name: 'host/2', leaseSeconds: 600 },
    });
    const left = await rerun('--failed', '--malls', '1,3');
    expect(outcomesOf(left.document)).toEqual([[1, 'completed']]);
    const held = await rerun(
      '--malls',
      '3',
      '--domain',
      'MEMBER',
      '--start',
      '2025-12-10T00:00:00',
      '--end',
      '2025-12-11T00:00:00',
    );
    expect(outcomesOf(held.document)).toEqual([[3, 'already running']]);
    expect(held.exitCode).toBe(75);
  });

  it('only writes the request with --queue; the same key with --wait runs it', async () => {
    const members = [
      '--malls',
      '1',
      '--domain',
      'MEMBER',
      '--start',
      '2025-12-05T00:00:00',
      '--end',
      '2025-12-06T00:00:00',
      '--key',
      'q1',
    ];
    const queued = await rerun(...members, '--queue');
    expect(outcomesOf(queued.document)).toEqual([[1, 'waiting']]);
    expect(queued.exitCode).toBe(0);
    const waited = await rerun(...members, '--wait');
    expect(waited.document.requests[0]?.requestId).toBe(queued.document.requests[0]?.requestId);
    expect(outcomesOf(waited.document)).toEqual([[1, 'completed']]);
  });

  it('stops at a page border on SIGTERM with 143, and the next one goes on there', async () => {
    simulator.control.changeBehaviour('rosemall', { latencyMs: 300 });
    const day = ['--start', '2025-12-12T00:00:00', '--end', '2025-12-13T00:00:00', '--page-size', '4'];
    const stopped = startProgram(['rerun', '--json', '--malls', '1', '--domain', 'MEMBER', ...day], environment);
    const readPages = async (): Promise<number> => {
      const [row] = await database.query<{ pages: number }>(
        `select pages::int from mallsync.tb_batch_execution_summary where start_date = '2025-12-12T00:00:00'`,
      );
      return row?.pages ?? 0;
    };
    await expect.poll(readPages, { timeout: 10_000 }).toBeGreaterThan(0);
    stopped.process.kill('SIGTERM');
    const end = await stopped.finished;
    expect(end.exitCode).toBe(143);
    expect(outcomesOf(JSON.parse(end.stdout) as RerunDocument)).toEqual([[1, 'started']]);
    simulator.control.changeBehaviour('rosemall', { latencyMs: 0 });
    const before = await readPages();
    const next = await rerun('--failed', '--malls', '1');
    expect(outcomesOf(next.document)).toEqual([[1, 'completed']]);
    expect(await countExecutions('2025-12-12T00:00:00')).toBe(1);
    expect(await readPages()).toBeGreaterThan(before);
  });

  it('says that nothing is to be mended', async () => {
    const { document, exitCode } = await rerun('--failed', '--malls', '3', '--domain', 'ORDER');
    expect(document.requests).toEqual([]);
    expect(exitCode).toBe(0);
  });
});

interface WrongRerun {
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly says: RegExp;
}

const WRONG: readonly WrongRerun[] = (
  [
    [['--execution', '99999'], 64, /--execution must be known executions; there is no execution 99999/],
    [['--malls', '9', '--failed'], 78, /no mall 9/],
    [['--failed', '--start', '2025-12-01T00:00:00', '--end', '2025-12-02T00:00:00'], 64, /--failed must be alone/],
    [['--failed', '--reprocess', '--reason', 'x'], 64, /--reprocess must be left out/],
    [['--malls', '1', '--reprocess', '--reason', 'x'], 64, /--since is missing/],
    [['--malls', '1', '--since', '1d', '--reprocess'], 64, /--reason is missing/],
    [['--start', '2025-12-01T00:00:00', '--end', '2999-12-02T00:00:00'], 64, /--end must be over by now/],
    [['--domain', 'MEMBER'], 64, /--failed is missing: say what to run again/],
    [['--failed', '--wait', '--queue'], 64, /--queue must be left out/],
    [['--failed', '--key', 'a b'], 64, /--key must be/],
  ] as const
).map(([args, exitCode, says]) => ({ args, exitCode, says }));

it('refuses a rerun that nobody can mean, names what to mend, and writes no request', async () => {
  const count = (): Promise<unknown> =>
    database.query('select count(*)::int as n from mallsync.tb_batch_retry_request');
  const before = await count();
  const results = await Promise.all(WRONG.map(({ args }) => runProgram(['rerun', ...args], environment)));
  for (const [index, { exitCode, says }] of WRONG.entries()) {
    expect(results[index]?.stderr).toMatch(says);
    expect(results[index]).toMatchObject({ exitCode, stdout: '' });
  }
  expect(await count()).toEqual(before);
});

describe('errors replay', () => {
  it('reads the rejected rows of a group again, and settles those that are sound by now', async () => {
    const args = ['errors', 'replay', '--fingerprint', BAD_DATE];
    const still = await runProgram([...args, '--json'], environment);
    expect(still.exitCode).toBe(0);
    expect(JSON.parse(still.stdout)).toMatchObject({
      entries: 2,
      stillOpen: 2,
      executions: [{ mallId: 3, rejected: 2 }],
    });
    simulator.control.editRows('poisonmall', { op: 'heal', domainType: 'MEMBER', ...DAY });
    const mended = await runProgram(args, environment);
    expect(mended).toMatchObject({ exitCode: 0 });
    expect(mended.stdout).toMatch(/2 open before, 0 open now/);
    const [stored] = await database.query<{ n: number }>(
      `select count(*)::int as n from mallsync.tb_member
       where mall_id = 3 and created_date >= '2025-12-01 00:00+09' and created_date < '2025-12-02 00:00+09'`,
    );
    expect(stored?.n).toBe((await simulator.control.readTruth('poisonmall', { domainType: 'MEMBER', ...DAY })).count);
    expect(await listAudit(database)).toContainEqual(
      expect.objectContaining({
        action: 'errors replay',
        target: BAD_DATE,
        detail: { executions: 1, entries: 2, stillOpen: 0 },
      }),
    );
    const again = await runProgram(args, environment);
    expect(again).toMatchObject({ exitCode: 64, stdout: '' });
    expect(again.stderr).toMatch(/no open row that fits/);
  });
});

// last, since a server begins with the night that is due
describe('rerun beside a server', () => {
  it('leaves the request to a server that is connected, and with --wait says how it ended', async () => {
    const server = startProgram(['serve', '--port', '0', '--no-page'], { ...environment, MALLSYNC_LOG_LEVEL: 'info' });
    try {
      await server.waitForError(/serv|listen/i);
      const day = [
        '--malls',
        '1',
        '--domain',
        'MEMBER',
        '--start',
        '2025-12-07T00:00:00',
        '--end',
        '2025-12-08T00:00:00',
      ];
      const { document, exitCode } = await rerun(...day, '--wait');
      expect(document.isServed).toBe(true);
      expect(outcomesOf(document)).toEqual([[1, 'completed']]);
      expect(exitCode).toBe(0);
      const [execution] = await database.query<{ pod: string }>(
        'select pod from mallsync.tb_batch_execution_summary where execution_id = $1',
        [document.requests[0]?.items[0]?.executionId],
      );
      expect(execution?.pod).toContain(`/${server.process.pid}/`);
    } finally {
      server.process.kill('SIGTERM');
      await server.finished;
    }
  });
});
