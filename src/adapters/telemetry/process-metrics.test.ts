import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createSteppedClock } from '../../../test/support/stepped-clock.ts';
import { registerProcessMetrics } from './process-metrics.ts';

const clock = createSteppedClock();

function createRegistry(askDatabase: (signal: AbortSignal) => Promise<unknown>): Registry {
  const registry = new Registry();
  registerProcessMetrics(registry, { version: '1.2.3', process: 'admin', clock, askDatabase });
  return registry;
}

it('tells what runs, what it takes and that the database answers', async () => {
  const lines = (await createRegistry(() => Promise.resolve()).metrics()).split('\n');
  expect(lines).toContain('mallsync_build_info{version="1.2.3",process="admin"} 1');
  expect(lines).toContain('mallsync_database_up 1');
  expect(lines).toContain('# TYPE process_resident_memory_bytes gauge');
  expect(lines.filter((line) => / \w+_total gauge$/.test(line))).toEqual([]);
});

it('still renders when the database refuses', async () => {
  const text = await createRegistry(() => Promise.reject(new Error('s3cret'))).metrics();
  expect(text).toContain('\nmallsync_database_up 0\n');
  expect(text).not.toContain('s3cret');
});

it('does not wait for ever for a database that hangs, and asks anew at the next scrape', async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  let answer: Promise<unknown> = new Promise<never>(() => undefined);
  const registry = createRegistry((signal) => {
    asked.resolve(signal);
    return answer;
  });
  const rendered = registry.metrics();
  const signal = await asked.promise;
  await clock.advance(3_000);
  expect(await rendered).toContain('\nmallsync_database_up 0\n');
  expect(signal.aborted).toBe(true);
  answer = Promise.resolve();
  expect(await registry.metrics()).toContain('\nmallsync_database_up 1\n');
});
