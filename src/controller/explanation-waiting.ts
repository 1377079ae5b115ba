import { FAILURES } from '../domain/failure.ts';
import { shorten } from './mall-counts.ts';
import type { Obstacle, Situation } from './status-situation.ts';

const LONGEST_DETAIL = 200;

/** How far it is, why the rest waits, and what keeps the running ones from getting on. */
export function explainWaiting(situation: Situation): readonly string[] {
  return [explainProgress(situation), ...situation.obstacles.map(explainObstacle)];
}

function explainProgress(situation: Situation): string {
  const { counts } = situation;
  const done = counts.succeeded + counts.withRejects + counts.alreadyComplete;
  const running = counts.active - countBlocked(situation.obstacles);
  const parts = [
    `${countOf(done, counts.total)} done`,
    ...(running > 0 ? [`${running} running`] : []),
    ...(counts.waiting > 0 ? [`${counts.waiting} ${counts.waiting === 1 ? 'waits' : 'wait'}`] : []),
  ];
  const why = counts.waiting > 0 ? explainWait(situation) : explainEnd(situation);
  return `${parts.join(', ')}${why === null ? '' : `: ${why}`}.`;
}

/** Launched runs whose process does not run. */
export function countBlocked(obstacles: readonly Obstacle[]): number {
  return obstacles.filter(isBlocking).reduce((sum, { mallIds }) => sum + mallIds.length, 0);
}

export function isBlocking({ kind }: Obstacle): boolean {
  return kind === 'cannot-start' || kind === 'quota';
}

/** "3 of 20 malls". */
export function countOf(count: number, total: number): string {
  return `${count} of ${total} ${total === 1 ? 'mall' : 'malls'}`;
}

function explainWait({ observed, counts, admission }: Situation): string {
  const { spec } = observed.mallSync;
  const { limit, active, ahead } = observed.capacity;
  if (spec.suspend) return 'it is suspended';
  if (admission !== null) return 'it is being admitted';
  if (counts.active >= spec.parallelism) return `its parallelism is ${spec.parallelism}`;
  const queue = ahead > 0 ? `, ${ahead} ${ahead === 1 ? 'is' : 'are'} ahead` : '';
  if (active >= limit) return `${active} of ${limit} Jobs run in this installation${queue}`;
  return ahead > 0 ? `${ahead} of other MallSyncs ${ahead === 1 ? 'is' : 'are'} ahead` : 'the next Jobs are being made';
}

/** Nothing runs and nothing waits, but it is not finished. */
function explainEnd({ observed, counts, isFinished, admission }: Situation): string | null {
  if (isFinished || counts.active > 0) return null;
  if (admission?.admission === 'held') return 'it is suspended';
  if (admission !== null) return 'the next attempt is being admitted';
  return observed.ledger.runs.some((run) => !run.isRecorded) ? 'the last Jobs are ending' : null;
}

/** What keeps them from getting on, and what to do about it. */
export function explainObstacle({ kind, reason, message, mallIds }: Obstacle): string {
  const count = mallIds.length;
  const isOne = count === 1;
  const word = `${reason}${message === '' ? '' : ` (${shorten(message, LONGEST_DETAIL)})`}`;
  const sentences = {
    quota: `${count} ${isOne ? 'waits for its' : 'wait for their'} quota (suspended).`,
    calls: `${count} ${isOne ? 'waits for calls of its mall' : 'wait for calls of their malls'}.`,
    'cannot-start': `${count} cannot start: ${word}. ${reason === null ? '' : FAILURES[reason].advice}`,
    'tried-again': `${count} ${isOne ? 'is' : 'are'} tried again after ${word}.`,
  } as const satisfies Record<Obstacle['kind'], string>;
  return sentences[kind];
}
