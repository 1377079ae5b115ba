import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { listClicks, loadClick } from '../../../src/adapters/postgres/read-models/request-list.ts';
import { saveClick, type ClickWish } from '../../../src/adapters/postgres/retry-click.ts';
import {
  createRetryRequests,
  type ItemState,
  type RetryRequests,
} from '../../../src/adapters/postgres/retry-request.ts';
import { createTestDatabase } from '../../support/database.ts';
import { addInstance, addMall, addRun } from './ledger-rows.ts';

const testDatabase = await createTestDatabase();
let database: Database;
let requests: RetryRequests;

const wish: ClickWish = {
  kind: 'RESUME',
  domainType: 'ORDER',
  startDate: '2026-03-28T00:00:00',
  endDate: '2026-03-31T00:00:00',
  pageSize: 500,
  fingerprints: null,
  mallIds: [1, 2],
  requestedBy: 'kim',
  reason: 'late orders',
  refusals: [],
};

beforeAll(async () => {
  database = await testDatabase.open({ poolSize: 2 });
  requests = createRetryRequests(database);
  await addMall(testDatabase, 1, { name: 'One', cafe24_mall_id: 'one' });
});

beforeEach(async () => {
  await testDatabase.query('truncate mallsync.tb_batch_retry_request cascade');
});

let day = 0;

async function addEnded(mallId: number, status: string): Promise<number> {
  day += 1;
  const format = (each: number) => new Date(Date.UTC(2025, 0, each)).toISOString().slice(0, 10);
  const instanceId = await addInstance(testDatabase, { mallId, days: [format(day), format(day + 1)] });
  return await addRun(testDatabase, instanceId, { status });
}

async function save(requestId: number, mallId: number, state: ItemState, executionId: number | null = null) {
  await requests.saveItem(requestId, { mallId, state, instanceId: null, executionId, result: null });
}

describe('a click', () => {
  it('is all the requests of its key, with each mall and what its execution has come to', async () => {
    const { requestIds } = await saveClick(database.pool, 'click-1', [
      wish,
      { ...wish, domainType: 'MEMBER', mallIds: [2] },
    ]);
    await saveClick(database.pool, 'click-10', [wish]);
    const executionId = await addEnded(1, 'FAILED');
    const order = (await requests.find(requestIds[0] ?? 0))?.domainType === 'ORDER' ? requestIds[0] : requestIds[1];
    await save(order ?? 0, 1, 'DONE', executionId);
    const click = await loadClick(database.pool, 'click-1');
    expect(click).toMatchObject({
      key: 'click-1',
      requestedBy: 'kim',
      kind: 'RESUME',
      reason: 'late orders',
      state: 'PENDING',
    });
    expect(click?.requests.map(({ requestId }) => requestId)).toEqual(requestIds.toSorted((a, b) => a - b));
    const found = click?.requests.find(({ domainType }) => domainType === 'ORDER');
    expect(found).toMatchObject({ startDate: wish.startDate, endDate: wish.endDate, pageSize: 500, state: 'PENDING' });
    expect(found?.items).toEqual([
      {
        mallId: 1,
        mallName: 'One',
        cafe24MallId: 'one',
        state: 'DONE',
        instanceId: null,
        executionId,
        executionStatus: 'FAILED',
        result: null,
      },
      {
        mallId: 2,
        mallName: '',
        cafe24MallId: '',
        state: 'PENDING',
        instanceId: null,
        executionId: null,
        executionStatus: null,
        result: null,
      },
    ]);
  });

  it('is null where there is none', async () => {
    await saveClick(database.pool, 'click-1', [wish]);
    expect(await loadClick(database.pool, 'click')).toBeNull();
  });

  it('tallies its items by what became of them', async () => {
    const mallIds = [1, 2, 3, 4, 5, 6, 7, 8];
    const { requestIds } = await saveClick(database.pool, 'tally', [{ ...wish, mallIds }]);
    const requestId = requestIds[0] ?? 0;
    await save(requestId, 2, 'ACCEPTED');
    await save(requestId, 3, 'RUNNING', await addEnded(3, 'RUNNING'));
    await save(requestId, 4, 'DONE', await addEnded(4, 'COMPLETED_WITH_REJECTS'));
    await save(requestId, 5, 'DONE');
    await save(requestId, 6, 'DONE', await addEnded(6, 'FAILED'));
    await save(requestId, 7, 'DONE', await addEnded(7, 'STOPPED'));
    await save(requestId, 8, 'REFUSED');
    expect((await loadClick(database.pool, 'tally'))?.tally).toEqual({
      pending: 1,
      accepted: 1,
      running: 1,
      done: 2,
      failed: 2,
      refused: 1,
    });
  });

  it('counts a stopped run as done where a stop was asked for', async () => {
    const { requestIds } = await saveClick(database.pool, 'stop', [{ ...wish, kind: 'STOP', mallIds: [1] }]);
    await save(requestIds[0] ?? 0, 1, 'DONE', await addEnded(1, 'STOPPED'));
    expect((await loadClick(database.pool, 'stop'))?.tally).toMatchObject({ done: 1, failed: 0 });
  });
});

describe('the list of clicks', () => {
  it('has each once, the newest first, and goes on where a page ended', async () => {
    for (let n = 1; n <= 7; n += 1) {
      await saveClick(database.pool, `click-${n}`, [wish, { ...wish, domainType: 'SALES', mallIds: [1, 2, 3] }]);
    }
    const keys: string[] = [];
    let beforeId: number | undefined;
    do {
      const page = await listClicks(database.pool, { limit: 3, beforeId });
      keys.push(...page.clicks.map(({ key }) => key));
      beforeId = page.nextBeforeId ?? undefined;
    } while (beforeId !== undefined);
    expect(keys).toEqual([7, 6, 5, 4, 3, 2, 1].map((n) => `click-${n}`));
    const [newest] = (await listClicks(database.pool, { limit: 1 })).clicks;
    expect(newest?.requests).toMatchObject([
      { domainType: 'ORDER', malls: 2, state: 'PENDING' },
      { domainType: 'SALES', malls: 3, state: 'PENDING' },
    ]);
    expect(newest?.tally).toMatchObject({ pending: 5 });
  });

  it('places a click by its newest request, though another came in between', async () => {
    const { refusals: _, ...rest } = wish;
    await requests.create('slow ORDER', rest);
    await requests.create('quick ORDER', rest);
    await requests.create('slow SALES', { ...rest, domainType: 'SALES' });
    const first = await listClicks(database.pool, { limit: 1 });
    expect(first.clicks).toMatchObject([{ key: 'slow', requests: [{ domainType: 'ORDER' }, { domainType: 'SALES' }] }]);
    const second = await listClicks(database.pool, { limit: 1, beforeId: first.nextBeforeId ?? 0 });
    expect(second.clicks.map(({ key }) => key)).toEqual(['quick']);
    expect(second.nextBeforeId).toBeNull();
  });

  it('narrows to clicks with a request in a state', async () => {
    for (const key of ['done', 'half', 'open']) {
      await saveClick(database.pool, key, [wish, { ...wish, domainType: 'SALES' }]);
    }
    const finish = async (key: string, count: number) => {
      const ids = (await loadClick(database.pool, key))?.requests.map(({ requestId }) => requestId) ?? [];
      const some = ids.slice(0, count);
      await testDatabase.query(`update mallsync.tb_batch_retry_request set state = 'DONE' where request_id = any($1)`, [
        some,
      ]);
    };
    await finish('done', 2);
    await finish('half', 1);
    const list = async (state: 'PENDING' | 'DONE' | 'REFUSED') =>
      (await listClicks(database.pool, { states: [state], limit: 10 })).clicks.map((click) => [click.key, click.state]);
    expect(await list('PENDING')).toEqual([
      ['open', 'PENDING'],
      ['half', 'PENDING'],
    ]);
    expect(await list('DONE')).toEqual([
      ['half', 'PENDING'],
      ['done', 'DONE'],
    ]);
    expect(await list('REFUSED')).toEqual([]);
  });
});
