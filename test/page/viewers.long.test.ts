import { readdir, readFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openEvents, type EventReader } from '../support/event-reader.ts';
import { startProgram } from '../support/program.ts';
import { startStatementCounter } from '../support/statement-counter.ts';
import { addBudget, addInstance, addMall, addRun, addWindow } from './read-models/ledger-rows.ts';

const VIEWERS = 300;
const RUNS = 12;
const ROUNDS = 20;
const MOST_RSS_MIB = 200;

async function addRuns(test: TestDatabase): Promise<void> {
  for (let mallId = 1; mallId <= RUNS; mallId++) {
    await addMall(test, mallId, { name: `Mall with a name of some length ${mallId}` });
    await addBudget(test, mallId, '*', { level: 1, call_usage_percent: 50 });
    await addBudget(test, mallId, 'customersprivacy', { level: 30 });
    const instance = await addInstance(test, { mallId, days: ['2026-03-01', '2026-03-02'] });
    await addRun(test, instance, {
      status: 'RUNNING',
      started_at: 'yesterday',
      lease_until: 'tomorrow',
      fence_token: 1,
    });
    await addWindow(test, instance, 0, { state: 'OPEN', count_before: 100_000 });
  }
}

/** From /proc: kB as the kernel counts them. */
async function readMemoryMib(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024;
}

async function countFiles(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

describe.runIf(process.platform === 'linux')('three hundred viewers', () => {
  it('are all kept up by one reading a second, in little memory, and leave nothing behind', async () => {
    const test = await createTestDatabase();
    await addRuns(test);
    const counter = await startStatementCounter(test.url);
    const program = startProgram(['admin', '--port', '0'], {
      MALLSYNC_DATABASE_URL: counter.url,
      MALLSYNC_ADMIN_METRICS_PORT: '0',
      MALLSYNC_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    });
    const pid = program.process.pid ?? 0;
    onTestFinished(async () => {
      program.process.kill();
      await program.finished;
      await counter.close();
    });
    const [, url = ''] = await program.waitForError(/"url":"([^"]+)"/);
    await fetch(`${url}/now`).then((page) => page.text());
    const [filesBefore, restMib] = [await countFiles(pid), await readMemoryMib(pid, 'VmRSS')];

    const viewers: EventReader[] = await Promise.all(
      Array.from({ length: VIEWERS }, () => openEvents(`${url}/now/events`)),
    );
    await Promise.all(viewers.map((viewer) => viewer.next('fragments')));
    const statementsBefore = counter.count;
    const startMs = Date.now();
    for (let round = 1; round <= ROUNDS; round++) {
      const read = round * 1_111;
      await test.query('update mallsync.tb_batch_execution_summary set read = $1', [read]);
      const text = read.toLocaleString('en-US');
      await Promise.all(viewers.map((viewer) => viewer.next('fragments', (data) => data.includes(`>${text}<`))));
    }
    const seconds = (Date.now() - startMs) / 1_000;
    const statements = counter.count - statementsBefore;
    const [rss, peak] = [await readMemoryMib(pid, 'VmRSS'), await readMemoryMib(pid, 'VmHWM')];
    for (const viewer of viewers) viewer.close();
    await expect.poll(() => countFiles(pid), { timeout: 30_000 }).toBeLessThanOrEqual(filesBefore);

    process.stdout.write(
      `${VIEWERS} viewers, ${RUNS} runs, ${ROUNDS} rounds in ${seconds.toFixed(1)} s: RSS ${restMib.toFixed(0)} MiB with nobody, ` +
        `${rss.toFixed(0)} MiB with all, ${peak.toFixed(0)} MiB at most; ${statements} statements, ` +
        `${(statements / seconds).toFixed(1)} a second\n`,
    );
    expect(peak).toBeLessThan(MOST_RSS_MIB);
    // each round waits for all of them: were each served by its own readings, there would be hundreds a round
    expect(statements / ROUNDS).toBeLessThan(VIEWERS / 10);
  }, 300_000);
});
