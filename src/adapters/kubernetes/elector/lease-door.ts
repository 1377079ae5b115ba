import { isClusterError } from '../../../controller/cluster-error.ts';
import { FIELD_MANAGER, toResourcePath } from '../resource-path.ts';
import type { KubeCall, KubeClient } from '../transport/kube-client.ts';
import { buildLease, parseLease, type Lease, type LeaseRecord } from './lease-record.ts';

/** One Lease. Both calls are one request and reject with ClusterError. */
export interface LeaseDoor {
  /** Null when there is none. */
  read(signal: AbortSignal): Promise<Lease | null>;
  /** Null when the Lease is no longer as `base` has it. */
  write(record: LeaseRecord, base: Lease | null, signal: AbortSignal): Promise<Lease | null>;
}

export interface LeasePlace {
  readonly namespace: string;
  readonly name: string;
}

const MOVED = ['conflict', 'already-exists', 'not-found'] as const;

export function createLeaseDoor(client: Pick<KubeClient, 'call'>, place: LeasePlace, deadlineMs: number): LeaseDoor {
  const collection = toResourcePath('leases', place.namespace);
  const object = toResourcePath('leases', place.namespace, place.name);
  const query = { fieldManager: FIELD_MANAGER };
  const ask = async (call: KubeCall, signal: AbortSignal): Promise<Lease> =>
    parseLease(await client.call({ ...call, deadlineMs }, signal));
  return {
    async read(signal) {
      try {
        return await ask({ verb: 'get', path: object }, signal);
      } catch (error) {
        if (isClusterError(error, 'not-found')) return null;
        throw error;
      }
    },
    async write(record, base, signal) {
      const body = buildLease(place, record, base);
      try {
        return base === null
          ? await ask({ verb: 'create', path: collection, query, body }, signal)
          : await ask({ verb: 'update', path: object, query, body }, signal);
      } catch (error) {
        if (MOVED.some((kind) => isClusterError(error, kind))) return null;
        throw error;
      }
    },
  };
}
