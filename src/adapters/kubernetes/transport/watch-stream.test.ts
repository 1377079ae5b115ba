import type { Dispatcher } from 'undici';
import { expect, it } from 'vitest';
import { createSteppedClock } from '../../../../test/support/stepped-clock.ts';
import { startWatch, type WatchOptions } from './watch-stream.ts';

const NEVER = new AbortController().signal;
const LINE = Buffer.from(`"${'x'.repeat(1_024 * 1_024)}"\n`);

/** The server's side of a watch, without a connection. */
function holdDispatch(): { readonly pool: Dispatcher; readonly send: (chunk: Buffer) => void; isPaused: boolean } {
  let handler: Dispatcher.DispatchHandler = {};
  const controller = {
    abort: (error: Error) => handler.onResponseError?.(controller as never, error),
    pause: () => (held.isPaused = true),
    resume: () => (held.isPaused = false),
  };
  const held = {
    isPaused: false,
    send: (chunk: Buffer) => handler.onResponseData?.(controller as never, chunk),
    pool: {
      dispatch(_: unknown, given: Dispatcher.DispatchHandler) {
        handler = given;
        handler.onRequestStart?.(controller as never, null);
        handler.onResponseStart?.(controller as never, 200, {});
        return true;
      },
    } as unknown as Dispatcher,
  };
  return held;
}

it('the silence of a server that was asked to pause means nothing; it counts again when it may go on', async () => {
  const clock = createSteppedClock();
  const silences: number[] = [];
  const held = holdDispatch();
  const link = { pool: held.pool, heardAtMs: 0 };
  const options: WatchOptions = {
    link,
    clock,
    request: { method: 'GET', path: '/', headers: {} },
    inactivityMs: 90_000,
    signal: NEVER,
    onSilence: (sinceMs) => void silences.push(sinceMs),
  };
  const answer = await startWatch(options, NEVER);
  if (!('events' in answer)) throw new Error('refused');
  for (let n = 1; n <= 5; n++) held.send(LINE);
  expect(held.isPaused).toBe(true);
  await clock.advance(1_000_000);
  expect(silences).toEqual([]);
  const events = answer.events[Symbol.asyncIterator]();
  for (let n = 1; n <= 5; n++) expect(await events.next()).toMatchObject({ done: false });
  expect(held.isPaused).toBe(false);
  const failure = events.next().then(
    () => null,
    (error: unknown) => error,
  );
  await clock.advance(180_000);
  expect(await failure).toMatchObject({ kind: 'timeout' });
  expect(silences).toEqual([1_000_000]);
});
