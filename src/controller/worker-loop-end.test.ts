import { describe, expect, it } from 'vitest';
import { createSteppedClock } from '../../test/support/stepped-clock.ts';
import { createHanging, DRAIN_MS, startWorkers } from '../../test/support/worker-world.ts';
import { LeaseLostError, StoppedError } from '../domain/errors.ts';
import { DONE } from './reconcile-result.ts';
import { createWorkQueue } from './work-queue.ts';
import { runWorkers, type Reconcile } from './worker-loop.ts';

describe('runWorkers', () => {
  describe('at the stop', () => {
    it('begins nothing more and waits for what is under way', async () => {
      const hanging = createHanging();
      const world = startWorkers(hanging.reconcile, 1);
      world.queue.add('a');
      world.queue.add('b');
      await world.clock.advance(1);
      world.stop.abort();
      await world.clock.advance(DRAIN_MS - 1);
      expect(world.end).toBe('runs');
      hanging.release();
      await world.clock.advance(0);
      expect(world.end).toBe(true);
      expect(hanging.reasons).toEqual([]);
      expect(world.outcomes).toEqual(['success']);
    });

    it('says so when something does not end in time, and cuts it short', async () => {
      const hanging = createHanging();
      const world = startWorkers(hanging.reconcile);
      world.queue.add('a');
      await world.clock.advance(1);
      world.stop.abort();
      await world.clock.advance(DRAIN_MS);
      expect(world.end).toBe(false);
      expect(hanging.reasons).toEqual([expect.any(StoppedError)]);
      expect(world.failures).toEqual([]);
    });

    it('begins nothing when it had come before', async () => {
      const looked: string[] = [];
      const clock = createSteppedClock();
      const queue = createWorkQueue({ clock });
      queue.add('a');
      const reconcile: Reconcile = (key) => {
        looked.push(key);
        return Promise.resolve(DONE);
      };
      const options = { queue, clock, workers: 1, timeoutMs: 1, drainMs: 1, createReconcileId: () => 'look' };
      const signals = { stop: AbortSignal.abort(), leading: new AbortController().signal };
      expect(await runWorkers({ ...options, reconcile }, signals)).toBe(true);
      expect(looked).toEqual([]);
    });
  });

  describe('when the leadership ends', () => {
    it('cuts every look short and rejects without waiting for it', async () => {
      const hanging = createHanging();
      const world = startWorkers(hanging.reconcile);
      world.queue.add('a');
      world.queue.add('b');
      await world.clock.advance(1);
      world.leading.abort();
      expect(hanging.reasons).toEqual([expect.any(LeaseLostError), expect.any(LeaseLostError)]);
      await world.clock.advance(0);
      expect(world.end).toBeInstanceOf(LeaseLostError);
      expect(world.failures).toEqual([]);
    });

    it('learns it from the ledger too', async () => {
      const hanging = createHanging();
      const lost = new LeaseLostError('a later term has begun');
      const world = startWorkers((key, context) =>
        key === 'a' ? Promise.reject(lost) : hanging.reconcile(key, context),
      );
      world.queue.add('b');
      await world.clock.advance(1);
      world.queue.add('a');
      await world.clock.advance(0);
      expect(world.end).toBe(lost);
      expect(hanging.reasons).toHaveLength(1);
    });
  });
});
