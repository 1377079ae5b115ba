import { expect, it } from 'vitest';
import { waitForDatabaseClock } from '../../../src/adapters/postgres/database-clock.ts';
import { systemClock, type Clock } from '../../../src/domain/clock.ts';
import { createTestDatabase } from '../../support/database.ts';

const testDatabase = await createTestDatabase();
const database = await testDatabase.open();
const never = new AbortController().signal;

async function readServerMs(): Promise<number> {
  const [row] = await testDatabase.query<{ at: number }>(
    'select extract(epoch from clock_timestamp())::float8 * 1000 as at',
  );
  return row?.at ?? Number.NaN;
}

it('waits until the server says that it is time, however early the own clock has rung', async () => {
  const instantMs = (await readServerMs()) + 400;
  const slept: number[] = [];
  const clock: Clock = {
    ...systemClock,
    nowMs: () => instantMs + 60_000,
    sleep: (ms, signal) => {
      slept.push(ms);
      return systemClock.sleep(ms, signal);
    },
  };
  await waitForDatabaseClock(database, instantMs, clock, never);
  expect(await readServerMs()).toBeGreaterThanOrEqual(instantMs);
  expect(slept.length).toBeGreaterThan(0);
});

it('does not wait for what is past, and ends with the signal', async () => {
  const sleep = (): Promise<void> => Promise.reject(new Error('slept'));
  await waitForDatabaseClock(database, (await readServerMs()) - 1, { ...systemClock, sleep }, never);
  const stopped = AbortSignal.abort(new Error('stopped'));
  const later = (await readServerMs()) + 60_000;
  await expect(waitForDatabaseClock(database, later, systemClock, stopped)).rejects.toThrow('stopped');
});
