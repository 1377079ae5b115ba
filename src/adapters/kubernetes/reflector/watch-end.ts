import { ClusterError, type ClusterErrorKind } from '../../../controller/cluster-error.ts';
import { StreamError } from './watch-event.ts';

/** Why watches ended, and how often so far: the words are label values. */
export const NO_WATCH_ENDS = {
  /** By the server, in order. */
  closed: 0,
  /** By the server, as soon as it had begun. */
  short: 0,
  /** The resource version is too old. */
  gone: 0,
  /** Nothing was heard for longer than bookmarks take. */
  inactive: 0,
  /** The same, and nothing had been heard before either. */
  mute: 0,
  broken: 0,
  throttled: 0,
  refused: 0,
  /** What was heard is no event. */
  malformed: 0,
};
export type WatchEnd = keyof typeof NO_WATCH_ENDS;

interface Consequence {
  /** The place in the stream is lost: only a list tells what is there. */
  readonly needsList: boolean;
  readonly needsPause: boolean;
}

const RESUME: Consequence = { needsList: false, needsPause: false };
const RESUME_LATER: Consequence = { needsList: false, needsPause: true };
const LIST_LATER: Consequence = { needsList: true, needsPause: true };

export const CONSEQUENCES: Readonly<Record<WatchEnd, Consequence>> = {
  closed: RESUME,
  short: RESUME_LATER,
  gone: LIST_LATER,
  inactive: RESUME,
  // a server whose storage was put back to an older state never says a word to a version it does not know yet
  mute: LIST_LATER,
  broken: RESUME_LATER,
  throttled: RESUME_LATER,
  refused: LIST_LATER,
  malformed: LIST_LATER,
};

const ENDS: Partial<Record<ClusterErrorKind, WatchEnd>> = {
  gone: 'gone',
  timeout: 'inactive',
  unavailable: 'broken',
  throttled: 'throttled',
};

const CODES = new Map<number, WatchEnd>([
  [410, 'gone'],
  [429, 'throttled'],
]);

/** @param hasSpoken whether anything was heard on this watch */
export function toWatchEnd(thrown: unknown, hasSpoken: boolean): WatchEnd {
  if (thrown instanceof StreamError) return CODES.get(thrown.code) ?? 'refused';
  if (!(thrown instanceof ClusterError)) return 'malformed';
  const end = ENDS[thrown.kind] ?? 'refused';
  return end === 'inactive' && !hasSpoken ? 'mute' : end;
}
