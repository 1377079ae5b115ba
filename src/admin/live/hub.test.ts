import { setImmediate } from 'node:timers/promises';
import { html } from 'hono/html';
import { describe, expect, it } from 'vitest';
import { createSteppedClock } from '../../../test/support/stepped-clock.ts';
import { NotFound } from '../bad-input.ts';
import { buildFragment } from './fragment.ts';
import { createLiveHub } from './hub.ts';
import type { Face } from './poller.ts';

const EN: Face = { lang: 'en', role: 'viewer' };
const KO: Face = { lang: 'ko', role: 'viewer' };

/** A page that shows one word, changed by the test, and a hub with one key. */
function openScene() {
  const clock = createSteppedClock();
  const closing = new AbortController();
  const warnings: string[] = [];
  const log = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} };
  const hub = createLiveHub({ clock, log, signal: closing.signal });
  const page = { word: 'one', loads: 0, opened: 0, cuts: 0, isOver: false, failure: undefined as Error | undefined };
  const open = () => {
    page.opened++;
    return async () => {
      page.loads++;
      if (page.failure !== undefined) throw page.failure;
      const { word, isOver } = page;
      return ({ lang }: Face) => ({ fragments: [buildFragment('w', html`<p id="w">${lang} ${word}</p>`)], isOver });
    };
  };
  const follow = async (face = EN, session = 's', key = '/page') => {
    const stream = await hub.follow(key, open, { face, session, cut: () => void (page.cuts += 1) });
    return stream === null ? null : readAlong(stream);
  };
  return { clock, closing, warnings, hub, page, follow };
}

/** What has come so far, one text an event. */
function readAlong(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  const state = { text: '', isEnded: false };
  const readOn = async (): Promise<void> => {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      state.text += new TextDecoder().decode(chunk.value);
    }
    state.isEnded = true;
  };
  const reading = readOn();
  return {
    reading,
    /** Events that came since the last call. */
    async take(): Promise<readonly string[]> {
      await setImmediate();
      const events = state.text.split('\n\n').filter((event) => event !== '' && event !== 'retry: 1000');
      state.text = '';
      return events.map((event) => event.replace('event: ', '').replace('\ndata: ', ' '));
    },
    isEnded: () => state.isEnded,
    leave: () => reader.cancel(),
  };
}

async function followed<T>(stream: Promise<T | null>): Promise<T> {
  const viewer = await stream;
  if (viewer === null) throw new Error('the hub is full');
  return viewer;
}

const showing = (text: string): string => `fragments [["w","<p id=\\"w\\">${text}</p>"]]`;

describe('the live hub', () => {
  it('shows the picture at once and then only what changed', async () => {
    const { clock, page, follow, closing } = openScene();
    const viewer = await followed(follow());
    expect(await viewer.take()).toStrictEqual([showing('en one')]);
    await clock.advance(3_000);
    expect(await viewer.take()).toStrictEqual([]);
    page.word = 'two';
    await clock.advance(1_000);
    expect(await viewer.take()).toStrictEqual([showing('en two')]);
    closing.abort();
  });

  it('reads once a second for all viewers, in whatever language or role', async () => {
    const { clock, page, follow, closing } = openScene();
    const viewers = await Promise.all([
      ...Array.from({ length: 50 }, () => followed(follow())),
      ...Array.from({ length: 50 }, () => followed(follow(KO))),
    ]);
    page.word = 'two';
    await clock.advance(5_000);
    expect(page).toMatchObject({ opened: 1, loads: 6 });
    const shown = await Promise.all(viewers.map((viewer) => viewer.take()));
    expect(shown[0]).toStrictEqual([showing('en one'), showing('en two')]);
    expect(shown[99]).toStrictEqual([showing('ko one'), showing('ko two')]);
    closing.abort();
  });

  it('stops reading with the last viewer and begins anew with the next', async () => {
    const { clock, page, hub, follow, closing } = openScene();
    const [first, second] = [await followed(follow()), await followed(follow(KO))];
    await first.leave();
    await clock.advance(1_000);
    expect(page.loads).toBe(2);
    await second.leave();
    await clock.advance(10_000);
    expect(page.loads).toBe(2);
    expect([hub.countPages(), hub.countViewers(), clock.countSleepers()]).toStrictEqual([0, 0, 0]);
    await followed(follow());
    expect(page.opened).toBe(2);
    closing.abort();
  });

  it('sends a sign of life when nothing changes for 15 s', async () => {
    const { clock, follow, closing } = openScene();
    const viewer = await followed(follow());
    await viewer.take();
    await clock.advance(14_000);
    expect(await viewer.take()).toStrictEqual([]);
    await clock.advance(1_000);
    expect(await viewer.take()).toStrictEqual(['beat null']);
    closing.abort();
  });

  it('tells of an outage once, asks less often, and tells when it is over', async () => {
    const { clock, page, warnings, follow, closing } = openScene();
    const viewer = await followed(follow());
    await viewer.take();
    page.failure = new Error('the database is down');
    await clock.advance(1_000 + 2_000 + 4_000 + 8_000 + 8_000);
    expect(page.loads).toBe(6);
    const events = await viewer.take();
    expect(events).toStrictEqual(['lost null', 'beat null']);
    expect(warnings).toStrictEqual(['a live page cannot be read']);
    const late = await followed(follow());
    expect(await late.take()).toStrictEqual([showing('en one'), 'lost null']);
    page.failure = undefined;
    page.word = 'two';
    await clock.advance(8_000);
    expect(await viewer.take()).toStrictEqual(['back null', showing('en two')]);
    closing.abort();
  });

  it('passes a failure of the first reading on and keeps nothing', async () => {
    const { clock, page, hub, follow } = openScene();
    page.failure = new NotFound('no such page');
    await expect(Promise.all([follow(), follow()])).rejects.toThrow('no such page');
    expect([hub.countPages(), clock.countSleepers()]).toStrictEqual([0, 0]);
  });

  it('ends the streams of a page on which nothing will change', async () => {
    const { clock, page, hub, follow } = openScene();
    const viewer = await followed(follow());
    page.isOver = true;
    page.word = 'done';
    await clock.advance(1_000);
    expect(await viewer.take()).toStrictEqual([showing('en one'), showing('en done'), 'over null']);
    expect(viewer.isEnded()).toBe(true);
    const late = await followed(follow());
    expect(await late.take()).toStrictEqual([showing('en done'), 'over null']);
    expect([late.isEnded(), hub.countPages()]).toStrictEqual([true, 0]);
  });

  it('lets a viewer who reads too slowly go, and no other', async () => {
    const { clock, page, hub, follow, closing } = openScene();
    const quick = await followed(follow());
    let cuts = 0;
    const stuck = { face: EN, session: 's', cut: () => void (cuts += 1) };
    await hub.follow('/page', () => expect.fail('it is read already'), stuck);
    for (let n = 0; n < 10; n++) {
      page.word = `${n}${'x'.repeat(64 * 1024)}`;
      await clock.advance(1_000);
    }
    expect(hub.countViewers()).toBe(1);
    expect(await quick.take()).toHaveLength(11);
    expect([cuts, page.cuts]).toStrictEqual([1, 0]);
    closing.abort();
  });

  it('ends a stream after a minute, and those of a session at once when it ends', async () => {
    const { clock, hub, follow, closing } = openScene();
    const [mine, other] = [await followed(follow(EN, 'mine')), await followed(follow(EN, 'other'))];
    hub.endSession('mine');
    await setImmediate();
    expect([mine.isEnded(), other.isEnded()]).toStrictEqual([true, false]);
    await clock.advance(59_000);
    expect(other.isEnded()).toBe(false);
    await clock.advance(1_000);
    expect([other.isEnded(), hub.countPages()]).toStrictEqual([true, 0]);
    closing.abort();
  });

  it('ends everything when the server closes', async () => {
    const { clock, closing, hub, follow } = openScene();
    const viewer = await followed(follow());
    closing.abort(new Error('the server closes'));
    await viewer.reading;
    expect([hub.countPages(), clock.countSleepers()]).toStrictEqual([0, 0]);
    await expect(follow()).rejects.toThrow('the server closes');
  });

  it('serves a bounded number of pages', async () => {
    const { follow, closing } = openScene();
    for (let n = 0; n < 100; n++) await followed(follow(EN, 's', `/page/${n}`));
    expect(await follow(EN, 's', '/page/one-more')).toBeNull();
    await followed(follow(EN, 's', '/page/7'));
    closing.abort();
  });
});
