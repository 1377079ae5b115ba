import type { KubeClient } from '../transport/kube-client.ts';
import { lead } from './lead.ts';
import { createLeaseDoor, type LeasePlace } from './lease-door.ts';
import { createLeaseKeeper, type ElectorHealth, type LeaseKeeperOptions } from './lease-keeper.ts';

export interface ElectorOptions extends LeaseKeeperOptions {
  readonly client: Pick<KubeClient, 'call'>;
  readonly lease: LeasePlace;
  /** To be logged: the elector tries again by itself. */
  readonly onFault: (error: unknown) => void;
}

/** `identity` is to be this process's and no other's, ever: the pod's name and a uuid. */
export interface Elector {
  /**
   * Waits for the lease, then runs `onLeading` and renews until it has ended. Resolves then, or when `stop` aborts while
   * waiting: what leads is not stopped by it, so that work can be drained under the lease. To be called once.
   * @param onLeading its signal aborts with a LeaseLostError before anyone else can lead
   * @throws LeaseLostError when the lease was lost, once `onLeading` has ended
   */
  run(onLeading: (signal: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void>;
  /**
   * Lets the next one lead at once; does nothing where the lease is not ours. Only to be called when all work under the
   * lease has ended. Rejects with ClusterError; the lease then runs out by itself.
   */
  release(signal: AbortSignal): Promise<void>;
  readHealth(): ElectorHealth;
}

export function createElector(options: ElectorOptions): Elector {
  const { clock, timing, onFault } = options;
  const retryMs = timing.retrySeconds * 1_000;
  const door = createLeaseDoor(options.client, options.lease, (timing.renewDeadlineSeconds * 1_000) / 2);
  const keeper = createLeaseKeeper(door, options);

  /** False when `stop` aborted first. */
  async function follow(stop: AbortSignal): Promise<boolean> {
    while (!stop.aborted) {
      try {
        await keeper.read(stop);
        const isHeld = keeper.decide().kind === 'claim' && (await keeper.hold(stop));
        if (isHeld && keeper.decide().kind === 'renew') return true;
      } catch (error) {
        if (!stop.aborted) onFault(error);
      }
      // a claim that was answered too late to lead by
      keeper.resign();
      const step = keeper.decide();
      const delayMs = step.kind === 'wait' && step.delayMs > 0 ? step.delayMs : retryMs;
      await clock.sleep(delayMs, stop).catch(() => undefined);
    }
    return false;
  }

  return {
    async run(onLeading, stop) {
      if (await follow(stop)) await lead(keeper, { clock, retryMs, onFault }, onLeading);
    },
    async release(signal) {
      if (!(await keeper.release(signal))) await keeper.release(signal);
    },
    readHealth: () => keeper.readHealth(),
  };
}
