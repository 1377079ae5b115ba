import { describe, expect, it } from 'vitest';
import { failureOf, NEVER, silence, startTransport as start } from '../../../../test/support/transport-world.ts';

import { holdWatches, openWatch as open, WATCH } from '../../../../test/support/held-watch.ts';

/** Real sockets on a machine that may be busy. */
const PATIENCE = { timeout: 30_000 };

describe('a watch', PATIENCE, () => {
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
    await expect.poll(() => isClosed, PATIENCE).toBe(true);
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
    await expect.poll(() => written, PATIENCE).toBeGreaterThan(60);
    let most = 0;
    for (let read = 0; read < count; read++) {
      most = Math.max(most, written - read);
      expect(await events.next()).toMatchObject({ value: { type: 'ADDED' } });
    }
    expect(await events.next()).toMatchObject({ done: true });
    expect(most).toBeLessThan(100);
  });
});

describe('a watch that is over', PATIENCE, () => {
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
    await expect.poll(() => isClosed, PATIENCE).toBe(true);
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
