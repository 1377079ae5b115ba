import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createErrorLog, type ErrorLog } from '../../../src/adapters/postgres/error-log.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addErrorEntry } from './ledger-fixture.ts';

const testDatabase = await createTestDatabase();
let errors: ErrorLog;

beforeAll(async () => {
  errors = createErrorLog({ pool: (await testDatabase.open()).pool });
});

beforeEach(async () => {
  await testDatabase.query('truncate mallsync.tb_batch_error_log');
});

describe('error log', () => {
  it('lists entries newest first, a page at a time', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await addErrorEntry(testDatabase, { rowKey: `1|m${n}` }));
    const seen: number[] = [];
    let beforeId: number | undefined;
    for (let pages = 0; pages < 3; pages += 1) {
      const page = await errors.listEntries({}, 2, beforeId);
      seen.push(...page.entries.map((entry) => entry.errorId));
      expect(page.nextBeforeId === null).toBe(pages === 2);
      beforeId = page.nextBeforeId ?? undefined;
    }
    expect(seen).toEqual(ids.toReversed());
  });

  it('gives an entry whole', async () => {
    const errorId = await addErrorEntry(testDatabase, { times: 3 });
    const { entries, nextBeforeId } = await errors.listEntries({}, 1);
    expect(nextBeforeId).toBeNull();
    expect(entries).toEqual([
      {
        errorId,
        mallId: 1,
        domainType: 'MEMBER',
        executionId: 1,
        rowKey: '1|someone',
        stage: 'VALIDATE',
        reasonCode: 'BAD_DATE',
        field: 'birthday',
        fingerprint: 'MEMBER:VALIDATE:BAD_DATE:birthday',
        message: 'birthday is not a date',
        payload: { name: 'k***' },
        shopNo: 1,
        dateType: null,
        firstSeenAtMs: expect.any(Number),
        lastSeenAtMs: expect.any(Number),
        times: 3,
        status: 'OPEN',
        statusBy: null,
        statusAtMs: null,
      },
    ]);
  });

  it.each([
    [{ mallId: 2 }, ['b']],
    [{ domainType: 'ORDER' as const }, ['c']],
    [{ fingerprint: 'other' }, ['d']],
    [{ status: 'IGNORED' as const }, ['e']],
    [{ executionId: 9 }, ['f']],
    [{ mallId: 1, status: 'OPEN' as const, domainType: 'MEMBER' as const }, ['a', 'd', 'f']],
  ])('narrows by %o', async (filter, keys) => {
    await addErrorEntry(testDatabase, { rowKey: 'a' });
    await addErrorEntry(testDatabase, { rowKey: 'b', mallId: 2 });
    await addErrorEntry(testDatabase, { rowKey: 'c', domainType: 'ORDER' });
    await addErrorEntry(testDatabase, { rowKey: 'd', fingerprint: 'other' });
    await addErrorEntry(testDatabase, { rowKey: 'e', status: 'IGNORED' });
    await addErrorEntry(testDatabase, { rowKey: 'f', executionId: 9 });
    const { entries } = await errors.listEntries(filter, 10);
    expect(entries.map((entry) => entry.rowKey).toReversed()).toEqual(keys);
  });

  it('groups entries by fingerprint over malls, the largest first', async () => {
    await addErrorEntry(testDatabase, { rowKey: 'a', fingerprint: 'small', message: 'small one' });
    await addErrorEntry(testDatabase, { rowKey: 'a', fingerprint: 'large', message: 'before', times: 2, daysAgo: 3 });
    await addErrorEntry(testDatabase, { rowKey: 'b', fingerprint: 'large', message: 'between', mallId: 2 });
    await addErrorEntry(testDatabase, { rowKey: 'c', fingerprint: 'large', message: 'newest', mallId: 2, daysAgo: 1 });
    const groups = await errors.listGroups({});
    expect(groups).toMatchObject([
      { fingerprint: 'large', entries: 3, times: 4, malls: 2, sampleMessage: 'newest', reasonCode: 'BAD_DATE' },
      { fingerprint: 'small', entries: 1, times: 1, malls: 1, sampleMessage: 'small one' },
    ]);
    const [large] = groups;
    expect((large?.lastSeenAtMs ?? 0) - (large?.firstSeenAtMs ?? 0)).toBeCloseTo(3 * 86_400_000, -4);
    expect(await errors.listGroups({ mallId: 1, fingerprint: 'large' })).toMatchObject([{ entries: 1, times: 2 }]);
  });

  it('ignores and reopens a group, of all malls or of one, and says by whom', async () => {
    const fingerprint = 'MEMBER:VALIDATE:BAD_DATE:birthday';
    await addErrorEntry(testDatabase, { rowKey: 'a' });
    await addErrorEntry(testDatabase, { rowKey: 'b', mallId: 2 });
    await addErrorEntry(testDatabase, { rowKey: 'c', status: 'REPLAYED' });
    await addErrorEntry(testDatabase, { rowKey: 'd', fingerprint: 'other' });
    expect(await errors.ignore({ kind: 'group', fingerprint, mallId: 2 }, 'kim')).toBe(1);
    expect(await errors.ignore({ kind: 'group', fingerprint }, 'lee')).toBe(1);
    const ignored = (await errors.listEntries({ status: 'IGNORED' }, 10)).entries;
    expect(ignored.map(({ rowKey, statusBy }) => [rowKey, statusBy])).toEqual([
      ['b', 'kim'],
      ['a', 'lee'],
    ]);
    expect(await errors.reopen({ kind: 'group', fingerprint }, 'kim')).toBe(2);
    expect((await errors.listEntries({ status: 'OPEN' }, 10)).entries).toHaveLength(3);
  });

  it('ignores single entries', async () => {
    const errorId = await addErrorEntry(testDatabase, { rowKey: 'a' });
    await addErrorEntry(testDatabase, { rowKey: 'b' });
    expect(await errors.ignore({ kind: 'entries', errorIds: [errorId, 999] }, 'kim')).toBe(1);
    expect((await errors.listEntries({ status: 'OPEN' }, 10)).entries.map((entry) => entry.rowKey)).toEqual(['b']);
  });
});
