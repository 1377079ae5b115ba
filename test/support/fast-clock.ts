/**
 * Loaded before the program, by `withFastClock`: hours of patience pass in seconds. The process's monotonic time runs so
 * many times as fast, and its pauses are as much shorter. What waits for half a minute or more at once, as the deadline of
 * a call does, waits as ever, since nobody else runs faster.
 */
import { systemClock } from '../../src/domain/clock.ts';

const SHORTENED_BELOW_MS = 30_000;
const factor = Number(process.env['TEST_CLOCK_FACTOR'] ?? '1');
const ordinary = { ...systemClock };

Object.assign(systemClock, {
  monotonicMs: () => ordinary.monotonicMs() * factor,
  sleep: (delayMs: number, signal: AbortSignal) =>
    ordinary.sleep(delayMs < SHORTENED_BELOW_MS ? delayMs / factor : delayMs, signal),
});
