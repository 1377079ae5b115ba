/**
 * Loaded before the program, by `withFastClock`: hours of patience pass in seconds. The process's monotonic time runs so
 * many times as fast, and its pauses are as much shorter; what waits for more than a minute at once, such as the deadline
 * of a call, waits as ever, since nobody else runs faster.
 */
import { systemClock } from '../../src/domain/clock.ts';

const LONGEST_SHORTENED_MS = 60_000;
const factor = Number(process.env['TEST_CLOCK_FACTOR'] ?? '1');
const ordinary = { ...systemClock };

Object.assign(systemClock, {
  monotonicMs: () => ordinary.monotonicMs() * factor,
  sleep: (delayMs: number, signal: AbortSignal) =>
    ordinary.sleep(delayMs > LONGEST_SHORTENED_MS ? delayMs : delayMs / factor, signal),
});
