import { sql } from 'slonik';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { listenUntilAborted } from '../../../src/adapters/postgres/listen.ts';
import { inTransaction } from '../../../src/adapters/postgres/page-session.ts';
import { sqlStateOf } from '../../../src/adapters/postgres/errors.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import { LeaseLostError } from '../../../src/domain/errors.ts';
import { createTestDatabase } from '../../support/database.ts';

const db = await createTestDatabase();
const UNAVAILABLE = { reason: 'DatabaseUnavailable', isTransient: true };

test('values come back alike through the pool and a session', async () => {
  const database = await db.open();
  const text = `select 9007199254740991::int8 as big, '{1,2}'::int8[] as many, timestamptz '2025-12-01 00:00:00.123+09' as at,
    1.10::numeric as money, date '2025-12-01' as day, '{"a":1}'::jsonb as json, '\\x01ff'::bytea as bytes`;
  const expected = {
    big: 9_007_199_254_740_991,
    many: [1, 2],
    at: Date.UTC(2025, 10, 30, 15, 0, 0, 123),
    money: '1.10',
    day: '2025-12-01',
    json: { a: 1 },
    bytes: Buffer.from([1, 255]),
  };
  const row = z.looseObject({});
  expect(await database.pool.one({ ...sql.type(row)``, sql: text })).toEqual(expected);
  expect(await database.withSession(async (client) => (await client.query(text)).rows[0])).toEqual(expected);
  await expect(database.pool.one(sql.type(row)`select 9007199254740992::int8 as big`)).rejects.toMatchObject({
    reason: 'Bug',
  });
});

test('a row that is not what the query says is a bug', async () => {
  const database = await db.open();
  await expect(database.pool.one(sql.type(z.object({ a: z.string() }))`select 1 as a`)).rejects.toMatchObject({
    reason: 'Bug',
  });
});

test('errors come out translated, with their SQLSTATE', async () => {
  const database = await db.open();
  const bad = await database.pool.query(sql.unsafe`select 1 / 0`).catch((error: unknown) => error);
  expect(bad).toMatchObject({ reason: 'Bug' });
  expect(sqlStateOf(bad)).toBe('22012');
  const inside = database.pool.transaction(async () => {
    throw new LeaseLostError('mine');
  });
  await expect(inside).rejects.toBeInstanceOf(LeaseLostError);
});

test('a connection that the server ends is transient, and the next use gets a new one', async () => {
  const database = await db.open();
  const ended = database.withSession((client) => client.query('select pg_terminate_backend(pg_backend_pid())'));
  await expect(ended).rejects.toMatchObject(UNAVAILABLE);
  await expect(database.withSession(async (client) => (await client.query('select 1 as a')).rows)).resolves.toEqual([
    { a: 1 },
  ]);
  const endedPool = database.pool.query(sql.unsafe`select pg_terminate_backend(pg_backend_pid())`);
  await expect(endedPool).rejects.toMatchObject(UNAVAILABLE);
  await expect(database.pool.query(sql.unsafe`select 1`)).resolves.toMatchObject({ rowCount: 1 });
});

test('no server and no such database say what they are', async () => {
  const closed = new URL(db.url);
  closed.port = '1';
  const nowhere = await db.open({ url: closed.href });
  await expect(nowhere.pool.query(sql.unsafe`select 1`)).rejects.toMatchObject(UNAVAILABLE);
  await expect(nowhere.withSession((client) => client.query('select 1'))).rejects.toMatchObject(UNAVAILABLE);
  const missing = new URL(db.url);
  missing.pathname = '/no_such_database';
  const wrong = await db.open({ url: missing.href });
  const invalid = { reason: 'ConfigInvalid' };
  await expect(wrong.pool.query(sql.unsafe`select 1`)).rejects.toMatchObject(invalid);
  await expect(wrong.withSession((client) => client.query('select 1'))).rejects.toMatchObject(invalid);
});

test('time-outs stand on every connection, and in the transaction alone where a pooler is between', async () => {
  const show = `select current_setting('idle_in_transaction_session_timeout') as idle,
    current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`;
  const ours = { idle: '5s', lock: '10s', statement: '1min' };
  const direct = await db.open({ leaseSeconds: 10 });
  expect((await direct.withSession((client) => client.query(show))).rows).toEqual([ours]);
  expect(await direct.pool.one({ ...sql.type(z.looseObject({}))``, sql: show })).toEqual(ours);
  const pooled = await db.open({ leaseSeconds: 10, directUrl: `${db.url}?application_name=direct` });
  expect((await pooled.withSession((client) => client.query(show))).rows).toMatchObject([{ idle: '0', lock: '0' }]);
  expect((await inTransaction(pooled, (client) => client.query(show))).rows).toEqual([ours]);
  expect(await pooled.pool.one({ ...sql.type(z.looseObject({}))``, sql: show })).toMatchObject({ idle: '0' });
});

test('one sync holds at most three connections', async () => {
  const database = await db.open({ applicationName: 'three at most' });
  const slow = 'select pg_sleep(0.2)';
  await Promise.all([
    ...[1, 2, 3].map(() => database.pool.query({ ...sql.unsafe``, sql: slow })),
    ...[1, 2, 3].map(() => database.withSession((client) => client.query(slow))),
    ...[1, 2, 3].map(() => database.withLeaseSession((client) => client.query(slow))),
  ]);
  // a connection that is no longer needed stays open for a while
  const open = await db.query(`select 1 from pg_stat_activity where application_name = 'three at most'`);
  expect(open).toHaveLength(3);
});

test('a listener hears, survives the loss of its connection, and leaves nothing open', async () => {
  const database = await db.open();
  const stop = new AbortController();
  let signals = 0;
  const troubles: unknown[] = [];
  const listener = {
    channel: 'mallsync_test',
    onSignal: () => (signals += 1),
    onTrouble: (error: unknown) => troubles.push(error),
  };
  const listening = listenUntilAborted(database, listener, systemClock, stop.signal);
  await expect.poll(() => signals).toBe(1);
  await db.query('notify mallsync_test');
  await expect.poll(() => signals).toBe(2);
  await db.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query = 'listen "mallsync_test"'`);
  await expect.poll(() => signals, { timeout: 5_000 }).toBe(3);
  expect(troubles).toHaveLength(1);
  await db.query('notify mallsync_test');
  await expect.poll(() => signals).toBe(4);
  stop.abort();
  await listening;
});
