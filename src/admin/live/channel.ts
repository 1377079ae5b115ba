import { COME_BACK, createEventStream, encodeEvent, type EventStream } from './event-stream.ts';
import { diffFragments, type Fragment } from './fragment.ts';

/** What a page shows now. */
export interface LivePicture {
  readonly fragments: readonly Fragment[];
  /** Nothing will change any more, so the streams end after this one. */
  readonly isOver: boolean;
}

interface Viewer {
  readonly stream: EventStream;
  readonly session: string;
  readonly endsAtMs: number;
}

export interface Admission {
  /** What all streams of one sign-in have in common. */
  readonly session: string;
  readonly endsAtMs: number;
  /** Breaks the viewer's connection. */
  readonly cut: () => void;
}

/** Keeps a connection through proxies that cut silent ones, and lets the page notice a dead one. */
const BEAT_EVERY_MS = 15_000;

/** The viewers of one page in one language and role: all are sent the same bytes. */
export interface Channel {
  /** The first event is the whole picture; `isLost` when the picture is not kept up at present. */
  admit(viewer: Admission, isLost: boolean): ReadableStream<Uint8Array>;
  show(picture: LivePicture, nowMs: number): void;
  /** Tells that the picture is not kept up, or is again. */
  tell(isLost: boolean, nowMs: number): void;
  /** A sign of life when nothing else was sent for a while. */
  beat(nowMs: number): void;
  /** Lets those go whose time is over; they come back signed in or not at all. */
  endDue(nowMs: number): void;
  endSession(session: string): void;
  endAll(): void;
  countViewers(): number;
}

/** @param onEmpty called when the last viewer has gone */
export function createChannel(picture: LivePicture, nowMs: number, onEmpty: () => void): Channel {
  const viewers = new Set<Viewer>();
  let current = picture;
  let lastSentMs = nowMs;
  const drop = (viewer: Viewer): void => {
    if (viewers.delete(viewer) && viewers.size === 0) onEmpty();
  };
  const broadcast = (event: Uint8Array, atMs: number): void => {
    lastSentMs = atMs;
    for (const viewer of viewers) if (!viewer.stream.send(event)) drop(viewer);
  };
  const endThose = (isMeant: (viewer: Viewer) => boolean): void => {
    for (const viewer of viewers) {
      if (!isMeant(viewer)) continue;
      viewer.stream.end();
      drop(viewer);
    }
  };
  return {
    admit({ session, endsAtMs, cut }, isLost) {
      const viewer: Viewer = { session, endsAtMs, stream: createEventStream({ onGone: () => drop(viewer), cut }) };
      viewers.add(viewer);
      viewer.stream.send(COME_BACK);
      viewer.stream.send(encodeFragments(current.fragments));
      if (isLost) viewer.stream.send(encodeEvent('lost'));
      if (current.isOver) viewer.stream.send(encodeEvent('over'));
      if (current.isOver) endThose((other) => other === viewer);
      return viewer.stream.body;
    },
    show(next, atMs) {
      const changed = diffFragments(current.fragments, next.fragments);
      current = next;
      if (changed.length > 0) broadcast(encodeFragments(changed), atMs);
      if (next.isOver) broadcast(encodeEvent('over'), atMs);
      if (next.isOver) endThose(() => true);
    },
    tell: (isLost, atMs) => broadcast(encodeEvent(isLost ? 'lost' : 'back'), atMs),
    beat: (atMs) => {
      if (atMs - lastSentMs >= BEAT_EVERY_MS) broadcast(encodeEvent('beat'), atMs);
    },
    endDue: (atMs) => endThose(({ endsAtMs }) => endsAtMs <= atMs),
    endSession: (session) => endThose((viewer) => viewer.session === session),
    endAll: () => endThose(() => true),
    countViewers: () => viewers.size,
  };
}

function encodeFragments(fragments: readonly Fragment[]): Uint8Array {
  return encodeEvent(
    'fragments',
    fragments.map(({ id, html }) => [id, html]),
  );
}
