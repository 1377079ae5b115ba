import { describe, expect, it } from 'vitest';
import type { Script } from '../../../../test/support/scripted-server.ts';
import {
  answer,
  failureOf,
  NEVER,
  ok,
  silence,
  startTransport as start,
  toAccess,
  type TransportWorld,
} from '../../../../test/support/transport-world.ts';
import type { ClusterError } from '../../../controller/cluster-error.ts';

const WATCH = { path: '/api/v1/things', query: { watch: '1', resourceVersion: '7' }, inactivityMs: 90_000 };

type Write = (text: string | Buffer) => void;

/** A watch whose server side the test holds in its hand. */
interface Held {
  readonly write: Write;
  readonly end: () => void;
  readonly break: () => void;
}

function holdWatches(): { readonly script: Script; readonly held: Held[] } {
  const held: Held[] = [];
  return {
    held,
    script(_, response) {
      response.writeHead(200, { 'content-type': 'application/json' });
      // as the API server: the head goes out before the first event
      response.flushHeaders();
      held.push({
        write: (text) => void response.write(text),
        end: () => void response.end(),
        break: () => void response.destroy(),
      });
    },
  };
}

async function open(
  world: TransportWorld,
  signal: AbortSignal = NEVER,
): Promise<AsyncIterator<unknown, unknown, undefined>> {
  return (await world.transport.calls.watch(WATCH, signal))[Symbol.asyncIterator]();
}

describe('a watch', () => {
  it('is open when the server has accepted it, before any event', async () => {
    const { script, held } = holdWatches();
    const world = await start(script);
    const events = await open(world);
    expect(world.server.requests[0]).toMatchObject({
      method: 'GET',
      url: '/api/v1/things?watch=1&resourceVersion=7',
      version: '2.0',
    });
    expect(world.seen).toMatchObject([{ verb: 'watch', code: '200' }]);
    held[0]?.write('{"type":"ADDED"}\n');
    expect(await events.next()).toEqual({ done: false, value: { type: 'ADDED' } });
  });

  it('gives each line as it comes, however the server cuts them, and ends with the server', async () => {
    const { script, held } = holdWatches();
    const events = await open(await start(script));
    const bytes = Buffer.from('{"object":"회원"}\n{"object":2}\n');
    for (const byte of bytes) held[0]?.write(Buffer.from([byte]));
    expect(await events.next()).toMatchObject({ value: { object: '회원' } });
    expect(await events.next()).toMatchObject({ value: { object: 2 } });
    held[0]?.end();
    expect(await events.next()).toMatchObject({ done: true });
  });

  it('gives what had come before a break, then throws', async () => {
    const { script, held } = holdWatches();
    const world = await start(script);
    const events = await open(world);
    held[0]?.write('{"n":1}\n{"n":2}\n{"n":');
    expect(await events.next()).toMatchObject({ value: { n: 1 } });
    held[0]?.break();
    expect(await events.next()).toMatchObject({ value: { n: 2 } });
    expect(await failureOf(events.next())).toMatchObject({ kind: 'unavailable' });
    expect(await events.next()).toMatchObject({ done: true });
  });

  it('that the server ends inside a line throws', async () => {
    const { script, held } = holdWatches();
    const events = await open(await start(script));
    held[0]?.write('{"n":1}\n{"n":');
    held[0]?.end();
    expect(await events.next()).toMatchObject({ value: { n: 1 } });
    expect(await failureOf(events.next())).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('line'),
    });
  });

  it('that sends no JSON throws, and is given up', async () => {
    const { script, held } = holdWatches();
    const events = await open(await start(script));
    held[0]?.write('<html>\n{"n":1}\n');
    expect(await failureOf(events.next())).toMatchObject({ kind: 'unavailable', cause: expect.any(SyntaxError) });
    expect(await events.next()).toMatchObject({ done: true });
  });

  it('that sends a line without end throws before it has filled the memory', async () => {
    let isClosed = false;
    const world = await start((_, response) => {
      response.on('close', () => (isClosed = true));
      response.writeHead(200);
      const pour = (): void => {
        while (response.write(Buffer.alloc(65_536, 'x')));
      };
      response.on('drain', pour);
      pour();
    });
    const events = await open(world);
    expect(await failureOf(events.next())).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('line'),
    });
    await expect.poll(() => isClosed).toBe(true);
  });

  it('that nobody reads fast enough makes the server wait, and loses nothing', async () => {
    const line = `${JSON.stringify({ type: 'ADDED', filling: 'x'.repeat(65_536) })}\n`;
    const count = 400;
    let written = 0;
    const world = await start((_, response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (written < count) {
          written += 1;
          if (!response.write(line)) return;
        }
        response.end();
      };
      response.on('drain', pour);
      pour();
    });
    const events = await open(world);
    await expect.poll(() => written).toBeGreaterThan(60);
    let most = 0;
    for (let read = 0; read < count; read++) {
      most = Math.max(most, written - read);
      expect(await events.next()).toMatchObject({ value: { type: 'ADDED' } });
    }
    expect(await events.next()).toMatchObject({ done: true });
    expect(most).toBeLessThan(100);
  });
});

describe('a watch that is over', () => {
  it('by its signal throws the reason, whatever had come', async () => {
    const { script, held } = holdWatches();
    const stop = new AbortController();
    const events = await open(await start(script), stop.signal);
    held[0]?.write('{"n":1}\n{"n":2}\n');
    await events.next();
    stop.abort(new Error('lease lost'));
    await expect(events.next()).rejects.toThrow('lease lost');
  });

  it('because nobody reads it any more is ended at the server', async () => {
    let isClosed = false;
    const world = await start((_, response) => {
      response.on('close', () => (isClosed = true));
      response.writeHead(200);
      response.write('{"n":1}\n');
    });
    const watch = await world.transport.calls.watch(WATCH, NEVER);
    for await (const event of watch) {
      expect(event).toEqual({ n: 1 });
      break;
    }
    await expect.poll(() => isClosed).toBe(true);
  });

  it('before it was accepted never begins', async () => {
    const world = await start(silence);
    const stop = new AbortController();
    const opening = open(world, stop.signal);
    await world.server.arrived(1);
    stop.abort(new Error('lease lost'));
    await expect(opening).rejects.toThrow('lease lost');
  });
});

describe('a watch without a word', () => {
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

describe('watches', () => {
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

describe('a watch that the server refuses', () => {
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
