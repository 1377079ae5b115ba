import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { listAudit, type AuditFilter } from '../../../src/adapters/postgres/read-models/audit-list.ts';
import { createTestDatabase } from '../../support/database.ts';
import { seoul, seoulMs } from './ledger-rows.ts';

const testDatabase = await createTestDatabase();
let database: Database;

/** [actor, action, target, at], the oldest first; three of one moment. */
const ACTS = [
  ['kim', 'rerun', 'ORDER 2026-03-01', '2026-03-01T08:00'],
  ['lee', 'malls activate', 'mall 1', '2026-03-02T08:00'],
  ['kim', 'malls activate', 'mall 10', '2026-03-02T08:00'],
  ['kim', 'malls activate', 'mall_10', '2026-03-02T08:00'],
  ['lee', 'rerun', 'MEMBER 2026-03-01', '2026-03-03T08:00'],
] as const;

beforeAll(async () => {
  database = await testDatabase.open();
  for (const [actor, action, target, at] of ACTS) {
    await testDatabase.query(
      `insert into mallsync.tb_audit_log (actor, action, target, at, source, outcome, detail)
       values ($1, $2, $3, $4, '10.0.0.1', 'done', '{"malls":1}')`,
      [actor, action, target, seoul(at)],
    );
  }
});

async function list(filter: AuditFilter, limit = 2): Promise<readonly number[]> {
  const found: number[] = [];
  let beforeId: number | undefined;
  do {
    const { entries, nextBeforeId } = await listAudit(database.pool, { ...filter, limit, beforeId });
    found.push(...entries.map(({ target, action }) => ACTS.findIndex((act) => act[2] === target && act[1] === action)));
    beforeId = nextBeforeId ?? undefined;
  } while (beforeId !== undefined);
  return found;
}

describe('the acts', () => {
  it('come newest first, page by page, each once', async () => {
    for (const limit of [1, 2, 3, 5, 9]) expect(await list({}, limit)).toEqual([4, 3, 2, 1, 0]);
    expect((await listAudit(database.pool, { limit: 1 })).entries).toEqual([
      {
        auditId: 5,
        atMs: seoulMs('2026-03-03T08:00'),
        actor: 'lee',
        action: 'rerun',
        target: 'MEMBER 2026-03-01',
        source: '10.0.0.1',
        outcome: 'done',
        detail: { malls: 1 },
      },
    ]);
  });

  it.each<readonly [AuditFilter, readonly number[]]>([
    [{ actor: 'kim' }, [3, 2, 0]],
    [{ actor: 'ki' }, []],
    [{ action: 'rerun' }, [4, 0]],
    [{ target: 'mall 1' }, [2, 1]],
    [{ target: 'mall_' }, [3]],
    [{ actor: 'kim', action: 'malls activate', target: 'mall ' }, [2]],
    [{ fromMs: seoulMs('2026-03-02T08:00') }, [4, 3, 2, 1]],
    [{ untilMs: seoulMs('2026-03-02T08:00') }, [0]],
    [{ fromMs: seoulMs('2026-03-02'), untilMs: seoulMs('2026-03-03') }, [3, 2, 1]],
  ])('of %j are %j', async (filter, expected) => {
    expect(await list(filter)).toEqual(expected);
  });
});
