import { describe, expect, it } from 'vitest';
import {
  answer,
  failureOf,
  ok,
  silence,
  startTransport as start,
  toAccess,
} from '../../../../test/support/transport-world.ts';
import type { ClusterError } from '../../../controller/cluster-error.ts';

import { holdWatches, openWatch as open } from '../../../../test/support/held-watch.ts';

/** Real sockets on a machine that may be busy. */
const PATIENCE = { timeout: 30_000 };

describe('a watch without a word', PATIENCE, () => {
  it('is dead after its inactivity limit, counted from the last byte', async () => {
    const { script, held } = holdWatches();
    const world = await start(script);
    const events = await open(world);
    await world.clock.advance(80_000);
    held[0]?.write('{"type":"BOOKMARK"}\n');
    await events.next();
    let failure: ClusterError | null = null;
    const next = failureOf(events.next()).then((error) => (failure = error));
    await world.clock.advance(89_999);
    expect(failure).toBeNull();
    await world.clock.advance(1);
    expect(await next).toMatchObject({ kind: 'timeout' });
  });

  it('loses its connection where the whole of it is dead, and keeps it where another watch speaks', async () => {
    const { script, held } = holdWatches();
    const world = await start(script);
    const [quiet, lively] = [await open(world), await open(world)];
    const failure = failureOf(quiet.next());
    await world.clock.advance(60_000);
    held[1]?.write('{"n":1}\n');
    await lively.next();
    await world.clock.advance(30_000);
    await failure;
    const third = await open(world);
    expect(world.server.opened).toBe(1);

    const failures = [failureOf(lively.next()), failureOf(third.next())];
    await world.clock.advance(100_000);
    await Promise.all(failures);
    await open(world);
    expect(world.server.opened).toBe(2);
  });

  it('is not accepted: that is a failure after 30 s', async () => {
    const world = await start(silence);
    const failure = failureOf(open(world));
    await world.server.arrived(1);
    await world.clock.advance(30_000);
    expect(await failure).toMatchObject({ kind: 'timeout' });
    expect(world.seen).toMatchObject([{ verb: 'watch', code: '<error>' }]);
  });
});

describe('watches', PATIENCE, () => {
  it('share one connection, which is not that of the calls', async () => {
    const { script } = holdWatches();
    const world = await start((request, response, index) =>
      (request.url.includes('watch=1') ? script : ok)(request, response, index),
    );
    await Promise.all([open(world), open(world), open(world)]);
    await Promise.all([world.call(), world.call()]);
    expect(world.open).toEqual({ calls: 1, watches: 1, lease: 0 });
    expect(world.server.opened).toBe(2);
  });

  it('have one each where the server speaks no HTTP/2', async () => {
    const { script, held } = holdWatches();
    const world = await start(script, { protocol: 'https' });
    const watches = await Promise.all([open(world), open(world), open(world)]);
    expect(held).toHaveLength(3);
    for (const { write } of held) write('{"n":1}\n');
    expect(await Promise.all(watches.map((events) => events.next()))).toHaveLength(3);
    expect(world.open.watches).toBe(3);
  });

  it('go on at another connection when the server sends its clients away', async () => {
    const { script, held } = holdWatches();
    const world = await start(script);
    const old = await open(world);
    world.server.goAway();
    held[0]?.write('{"n":1}\n');
    expect(await old.next()).toMatchObject({ value: { n: 1 } });
    await open(world);
    expect(world.server.opened).toBe(2);
  });
});

describe('a watch that the server refuses', PATIENCE, () => {
  it('fails with what the server says', async () => {
    const world = await start(answer(410, { kind: 'Status', reason: 'Expired', message: 'too old' }));
    expect(await failureOf(open(world))).toMatchObject({ kind: 'gone', status: 410, message: 'too old' });
    expect(world.seen).toMatchObject([{ code: '410' }]);
  });

  it('says when to ask again', async () => {
    const world = await start(answer(429, {}, { 'retry-after': '5' }));
    expect(await failureOf(open(world))).toMatchObject({ kind: 'throttled', retryAfterMs: 5_000 });
  });

  it('for its credentials is opened with newer ones', async () => {
    const { script } = holdWatches();
    const world = await start(
      (request, response, index) =>
        (request.headers['authorization'] === 'Bearer new' ? script : answer(401, {}))(request, response, index),
      {
        access: { isRenewable: true },
        reload: () => Promise.resolve(toAccess('https://unused', { bearerToken: { kind: 'text', text: 'new' } })),
      },
    );
    await open(world);
    expect(world.seen.map(({ code }) => code)).toEqual(['401', '200']);
  });
});
