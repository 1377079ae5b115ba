import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, parseSeoulTime } from '../../src/domain/seoul-time.ts';
import { createTestDatabase } from '../support/database.ts';
import { createMallSyncNamespace } from '../support/mall-sync-namespace.ts';
import type { Finished } from '../support/program.ts';
import { runProgram } from '../support/program.ts';
import { resetDatabaseClock, setDatabaseClock } from '../support/shifted-clock.ts';
import { addMall } from '../integration/commands/operator-fixture.ts';

const cluster = createMallSyncNamespace('nightly-job');
const database = await createTestDatabase();
/** Of 18 December, as the CronJob controller names its Job. */
const MIDNIGHT = parseSeoulTime('2025-12-18T00:00:00') ?? 0;
const SCHEDULED = `mallsync-nightly-${MIDNIGHT / 60_000}`;

beforeAll(() => addMall(database, 1));
afterEach(async () => {
  await resetDatabaseClock(database);
  await cluster.deleteAll();
});

/** @returns how `nightly` ended, and the days that it asked to be read */
async function runAt(
  atMs: number,
  jobName: string,
  ...args: readonly string[]
): Promise<Finished & { readonly days: readonly string[] }> {
  await setDatabaseClock(database, atMs);
  const finished = await runProgram(['nightly', '--domain', 'MEMBER', '--catch-up-days', '0', ...args], {
    ...cluster.environment,
    MALLSYNC_DATABASE_URL: database.url,
    MALLSYNC_SCHEDULED_JOB: jobName,
  });
  return { ...finished, days: (await cluster.list()).map(({ spec }) => spec.startDate) };
}

describe('the night of a CronJob’s Job', () => {
  it('is the one that it was due for, though it starts a day late', async () => {
    const late = await runAt(MIDNIGHT + DAY_MS + 3_600_000, SCHEDULED);
    expect(late, late.stderr).toMatchObject({ exitCode: 0, days: ['2025-12-17T00:00:00'] });
  });

  it('is the last one where the Job was made by hand', async () => {
    const byHand = await runAt(MIDNIGHT + DAY_MS + 3_600_000, 'nightly-20251210');
    expect(byHand, byHand.stderr).toMatchObject({ exitCode: 0, days: ['2025-12-18T00:00:00'] });
  });

  it('is another where --scheduled-at says so', async () => {
    const other = await runAt(MIDNIGHT + DAY_MS, SCHEDULED, '--scheduled-at', '2025-12-12T00:00:00+09:00');
    expect(other, other.stderr).toMatchObject({ exitCode: 0, days: ['2025-12-11T00:00:00'] });
  });

  it('is refused when it lies far ahead', async () => {
    const early = await runAt(MIDNIGHT - 3_600_000, SCHEDULED);
    expect(early).toMatchObject({ exitCode: 64, stdout: '', days: [] });
    expect(early.stderr).toMatch(/--scheduled-job mallsync-nightly-29433060 must not be more than ten minutes ahead/);
  });
});
