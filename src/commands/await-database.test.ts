import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { StoppedError, TerminalError, TransientError } from '../domain/errors.ts';
import { awaitDatabase } from './await-database.ts';

const AWAY = new TransientError('DatabaseUnavailable', 'connection refused');

/** @param answers what each try meets, the last one again and again; null: the database answers */
async function wait(answers: readonly (Error | null)[], waitSeconds: number, signal = new AbortController().signal) {
  const clock = createManualClock();
  const told: unknown[] = [];
  let tries = 0;
  const connect = (): Promise<void> => {
    const answer = answers[Math.min(tries++, answers.length - 1)] ?? null;
    return answer === null ? Promise.resolve() : Promise.reject(answer);
  };
  const onWait = (error: unknown): void => void told.push(error);
  const ending = await awaitDatabase(connect, { waitSeconds, clock, signal, onWait }).catch((error: unknown) => error);
  return { ending, told, tries, delaysMs: clock.delaysMs };
}

describe('waiting for a database', () => {
  it('is not needed where it answers', async () => {
    expect(await wait([null], 60)).toEqual({ ending: undefined, told: [], tries: 1, delaysMs: [] });
  });

  it('goes on until it answers, and is told once', async () => {
    expect(await wait([AWAY, AWAY, AWAY, null], 60)).toEqual({
      ending: undefined,
      told: [AWAY],
      tries: 4,
      delaysMs: [1_000, 1_000, 1_000],
    });
  });

  it('ends with what the last try met, which is made when the time is over', async () => {
    expect(await wait([AWAY], 2.5)).toEqual({ ending: AWAY, told: [AWAY], tries: 4, delaysMs: [1_000, 1_000, 500] });
  });

  it('of no seconds is one try and nothing told', async () => {
    expect(await wait([AWAY], 0)).toEqual({ ending: AWAY, told: [], tries: 1, delaysMs: [] });
  });

  it('does not go on where waiting mends nothing', async () => {
    const refused = new TerminalError('ConfigInvalid', 'no such role');
    expect(await wait([AWAY, refused], 60)).toMatchObject({ ending: refused, tries: 2 });
  });

  it('ends when the program is stopped', async () => {
    const stopped = new StoppedError('SIGTERM');
    expect(await wait([AWAY], 60, AbortSignal.abort(stopped))).toMatchObject({ ending: stopped, tries: 1 });
  });
});
