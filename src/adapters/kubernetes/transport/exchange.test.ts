import type { Dispatcher } from 'undici';
import { describe, expect, test } from 'vitest';
import { createSteppedClock } from '../../../../test/support/stepped-clock.ts';
import { exchange, type HttpRequest } from './exchange.ts';

const GIVEN_UP = new Error('given up');
const READ: HttpRequest = { method: 'GET', path: '/', headers: {} };
const WRITE: HttpRequest = { method: 'POST', path: '/', headers: {}, body: '{}' };

/** Begins the exchange and lets its caller give it up. */
async function giveUp(request: HttpRequest) {
  const clock = createSteppedClock();
  const abort = new AbortController();
  const aborted: unknown[] = [];
  const sent: Dispatcher.DispatchHandler[] = [];
  const controller = { abort: (reason: unknown) => aborted.push(reason) };
  const pool = {
    dispatch(_: unknown, handler: Dispatcher.DispatchHandler) {
      sent.push(handler);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an exchange only aborts
      handler.onRequestStart?.(controller as unknown as Dispatcher.DispatchController, {});
      return true;
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an exchange only dispatches
  const link = { pool: pool as unknown as Dispatcher, heardAtMs: 0 };
  const answer = exchange(link, clock, request, abort.signal);
  abort.abort(GIVEN_UP);
  await expect(answer).rejects.toBe(GIVEN_UP);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const end = (): void => sent[0]?.onResponseEnd?.(controller as unknown as Dispatcher.DispatchController, {});
  return { clock, aborted, end };
}

describe('an exchange that is given up', () => {
  test('is broken off at once where it sends nothing', async () => {
    const { aborted } = await giveUp(READ);
    expect(aborted).toEqual([GIVEN_UP]);
  });

  test('lets its body leave before it is broken off', async () => {
    const { clock, aborted } = await giveUp(WRITE);
    await clock.advance(999);
    expect(aborted).toEqual([]);
    await clock.advance(1);
    expect(aborted).toEqual([GIVEN_UP]);
  });

  test('is left alone once its answer has come', async () => {
    const { clock, aborted, end } = await giveUp(WRITE);
    end();
    await clock.advance(5_000);
    expect(aborted).toEqual([]);
    expect(clock.countSleepers()).toBe(0);
  });
});
