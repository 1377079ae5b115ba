import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { RETRY_REQUEST_CHANNEL } from '../../../src/adapters/postgres/listen.ts';
import {
  createRetryRequests,
  type RetryRequests,
  type RetryWish,
} from '../../../src/adapters/postgres/retry-request.ts';
import { createTestDatabase } from '../../support/database.ts';

const testDatabase = await createTestDatabase();
let database: Database;
let requests: RetryRequests;

beforeAll(async () => {
  database = await testDatabase.open();
  requests = createRetryRequests({ pool: database.pool });
});

beforeEach(async () => {
  await testDatabase.query('truncate mallsync.tb_batch_retry_request cascade');
});

const wish: RetryWish = {
  kind: 'RESUME',
  domainType: 'ORDER',
  startDate: '2025-12-01T00:00:00',
  endDate: '2025-12-02T00:00:00',
  pageSize: 500,
  fingerprints: null,
  mallIds: [7, 3, 3],
  requestedBy: 'kim',
  reason: 'late orders',
};

const done = { state: 'DONE' as const, instanceId: 11, executionId: 12, result: 'COMPLETED' };

describe('retry requests', () => {
  it('keeps a wish with one item a mall', async () => {
    const { requestId, isNew } = await requests.create('key', {
      ...wish,
      kind: 'REPLAY_REJECTED',
      fingerprints: ['a', 'b'],
    });
    expect(isNew).toBe(true);
    const { mallIds: _, ...stored } = wish;
    const pending = { state: 'PENDING', instanceId: null, executionId: null, result: null };
    expect(await requests.find(requestId)).toEqual({
      ...stored,
      kind: 'REPLAY_REJECTED',
      fingerprints: ['a', 'b'],
      requestId,
      state: 'PENDING',
      requestedAtMs: expect.any(Number),
      doneAtMs: null,
      items: [
        { mallId: 3, ...pending },
        { mallId: 7, ...pending },
      ],
    });
  });

  it('takes the same key for the same request, from many senders at once', async () => {
    const rivals = await Promise.all(
      [1, 2, 3, 4].map(async () => createRetryRequests({ pool: (await testDatabase.open()).pool })),
    );
    const created = await Promise.all(rivals.map((rival) => rival.create('key', wish)));
    expect(new Set(created.map((request) => request.requestId)).size).toBe(1);
    expect(created.filter((request) => request.isNew)).toHaveLength(1);
    expect((await requests.list({}, 10))[0]?.items).toHaveLength(2);
  });

  it('refuses a key that stands for another wish, and a wish without malls', async () => {
    await requests.create('key', wish);
    await expect(requests.create('key', { ...wish, mallIds: [3] })).rejects.toMatchObject({ reason: 'ConfigInvalid' });
    await expect(requests.create('key', { ...wish, kind: 'REPROCESS' })).rejects.toThrow(/something else/);
    await expect(requests.create('other', { ...wish, mallIds: [] })).rejects.toThrow(/at least one mall/);
    expect(await requests.create('key', { ...wish, requestedBy: 'lee', mallIds: [3, 7] })).toMatchObject({
      isNew: false,
    });
  });

  it('notifies who listens, once for each new request', async () => {
    const listener = await database.connectDirect();
    onTestFinished(() => listener.end());
    const heard: (string | undefined)[] = [];
    listener.on('notification', (message) => heard.push(message.payload));
    await listener.query(`listen ${RETRY_REQUEST_CHANNEL}`);
    const { requestId } = await requests.create('key', wish);
    await requests.create('key', wish);
    await listener.query('select 1');
    expect(heard).toEqual([String(requestId)]);
  });

  it('hands each pending request to one server, the oldest first', async () => {
    const ids: number[] = [];
    for (const key of ['a', 'b', 'c']) ids.push((await requests.create(key, wish)).requestId);
    expect(await requests.takePending()).toMatchObject({
      requestId: ids[0],
      state: 'ACCEPTED',
      items: [{ state: 'ACCEPTED' }, {}],
    });
    const rivals = await Promise.all(
      [1, 2, 3, 4].map(async () => createRetryRequests({ pool: (await testDatabase.open()).pool })),
    );
    const taken: (number | undefined)[] = [];
    for (let round = 0; round < 2; round += 1) {
      taken.push(
        ...(await Promise.all(rivals.map((rival) => rival.takePending()))).map((request) => request?.requestId),
      );
    }
    const handedOut = taken.filter((id) => id !== undefined);
    expect(handedOut).toHaveLength(2);
    expect(new Set(handedOut)).toEqual(new Set(ids.slice(1)));
    expect(await requests.takePending()).toBeNull();
  });

  it('keeps what came of each mall, and ends as REFUSED only when all were', async () => {
    const ids = await Promise.all(['a', 'b'].map(async (key) => (await requests.create(key, wish)).requestId));
    for (const [index, requestId] of ids.entries()) {
      await requests.takePending();
      await requests.saveItem(requestId, {
        mallId: 3,
        state: 'REFUSED',
        instanceId: null,
        executionId: null,
        result: 'PeriodOpen',
      });
      await requests.saveItem(requestId, { mallId: 7, ...done, state: index === 0 ? 'DONE' : 'REFUSED' });
      await requests.finish(requestId);
    }
    const listed = await requests.list({}, 10);
    expect(listed.map((request) => request.state).toSorted()).toEqual(['DONE', 'REFUSED']);
    expect(listed.every((request) => request.doneAtMs !== null)).toBe(true);
    expect((await requests.find(ids[0] ?? 0))?.items[1]).toEqual({ mallId: 7, ...done });
    expect(await requests.list({ states: ['PENDING', 'ACCEPTED'] }, 10)).toEqual([]);
  });

  it('keeps a final item final when a sign of life of it comes late', async () => {
    const { requestId } = await requests.create('key', wish);
    await requests.takePending();
    await requests.saveItem(requestId, { mallId: 7, ...done });
    await requests.saveItem(requestId, { mallId: 7, ...done, state: 'RUNNING', executionId: null, result: null });
    expect((await requests.find(requestId))?.items[1]).toEqual({ mallId: 7, ...done });
  });

  it('gives the request of a server that is gone to another, and its done malls stay done', async () => {
    const { requestId } = await requests.create('key', wish);
    await requests.takePending();
    await requests.saveItem(requestId, { mallId: 3, ...done });
    expect(await requests.reopenAbandoned(60)).toBe(0);
    await testDatabase.query(
      `update mallsync.tb_batch_retry_request set accepted_at = accepted_at - interval '61 seconds'`,
    );
    expect(await requests.reopenAbandoned(60)).toBe(0);
    await testDatabase.query(
      `update mallsync.tb_batch_retry_request_item set updated_at = updated_at - interval '61 seconds'`,
    );
    expect(await requests.reopenAbandoned(60)).toBe(1);
    expect(await requests.takePending()).toMatchObject({
      requestId,
      items: [{ state: 'DONE' }, { state: 'ACCEPTED' }],
    });
  });

  it('lists newest first, a page at a time', async () => {
    for (const key of ['a', 'b', 'c']) await requests.create(key, wish);
    const [newest, next] = await requests.list({}, 2);
    const rest = await requests.list({ beforeId: next?.requestId ?? 0 }, 2);
    expect(rest).toHaveLength(1);
    expect(newest?.requestId).toBeGreaterThan(rest[0]?.requestId ?? 0);
  });
});
