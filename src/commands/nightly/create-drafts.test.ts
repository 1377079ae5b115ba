import { expect, it } from 'vitest';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { ClusterError } from '../../controller/cluster-error.ts';
import type { MallSyncDraft } from '../../controller/mall-sync.ts';
import { createDrafts } from './create-drafts.ts';

const never = new AbortController().signal;
const [first, second, third] = ['a', 'b', 'c'].map((name): MallSyncDraft => ({ name, labels: {}, spec: {} }));
const drafts = [first, second, third].filter((draft) => draft !== undefined);

type Answer = boolean | ClusterError;

/** Answers each draft's requests in turn, the last answer again and again. */
function createAnswers(answers: Readonly<Record<string, readonly Answer[]>>) {
  const asked: string[] = [];
  return {
    asked,
    create: ({ name }: MallSyncDraft): Promise<boolean> => {
      const before = asked.filter((each) => each === name).length;
      asked.push(name);
      const answer = answers[name]?.[before] ?? answers[name]?.at(-1) ?? true;
      return typeof answer === 'boolean' ? Promise.resolve(answer) : Promise.reject(answer);
    },
  };
}

it('goes on behind what exists and what is refused', async () => {
  const invalid = new ClusterError('invalid', 'spec.mallIds must be a set');
  const cluster = createAnswers({ a: [false], b: [invalid] });
  const outcomes = await createDrafts(drafts, cluster.create, createManualClock(), never);
  expect(outcomes.map(({ result }) => result)).toEqual(['exists', invalid, 'created']);
  expect(cluster.asked).toEqual(['a', 'b', 'c']);
});

it('tries again what may succeed, as late as the server asks for', async () => {
  const clock = createManualClock();
  const throttled = new ClusterError('throttled', 'wait', { retryAfterMs: 3_000 });
  const cluster = createAnswers({ a: [new ClusterError('timeout', 'no answer'), throttled, false] });
  const [outcome] = await createDrafts(drafts, cluster.create, clock, never);
  expect(outcome?.result).toBe('exists');
  expect(clock.delaysMs).toEqual([500, 3_000]);
});

it('leaves the rest untried when the server does not answer', async () => {
  const unavailable = new ClusterError('unavailable', 'connection refused');
  const cluster = createAnswers({ b: [unavailable] });
  const outcomes = await createDrafts(drafts, cluster.create, createManualClock(), never);
  expect(outcomes.map(({ result }) => result)).toEqual(['created', unavailable]);
  expect(cluster.asked).toEqual(['a', 'b', 'b', 'b', 'b', 'b']);
});
