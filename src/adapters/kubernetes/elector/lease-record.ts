import { z } from 'zod';

const lease = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().min(1) }),
  spec: z
    .looseObject({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.int().nullish(),
      acquireTime: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.int().nullish(),
    })
    .nullish(),
});

/** Who holds a Lease and when it was last confirmed, by the holder's own clock. */
export interface LeaseRecord {
  /** Null: nobody. */
  readonly holder: string | null;
  readonly leaseSeconds: number | null;
  /** MicroTime, as `renewTime` is. Only to be told from another, never to be compared with a clock. */
  readonly acquireTime: string | null;
  readonly renewTime: string | null;
  readonly transitions: number;
}

export interface Lease {
  readonly record: LeaseRecord;
  /** The object as it was read: what it holds beside the record is written back unchanged. */
  readonly raw: z.output<typeof lease>;
}

/** @throws ZodError when it is no Lease */
export function parseLease(raw: unknown): Lease {
  const parsed = lease.parse(raw);
  const { holderIdentity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions } = parsed.spec ?? {};
  const record: LeaseRecord = {
    holder: holderIdentity === '' ? null : (holderIdentity ?? null),
    leaseSeconds: leaseDurationSeconds ?? null,
    acquireTime: acquireTime ?? null,
    renewTime: renewTime ?? null,
    transitions: leaseTransitions ?? 0,
  };
  return { record, raw: parsed };
}

/** The whole object to write: on `base`'s resource version, or a new one. */
export function buildLease(
  place: { readonly namespace: string; readonly name: string },
  { holder, leaseSeconds, acquireTime, renewTime, transitions }: LeaseRecord,
  base: Lease | null,
): object {
  return {
    ...base?.raw,
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { ...base?.raw.metadata, ...place },
    spec: {
      ...base?.raw.spec,
      holderIdentity: holder,
      leaseDurationSeconds: leaseSeconds,
      acquireTime,
      renewTime,
      leaseTransitions: transitions,
    },
  };
}

export function isSameRecord(one: LeaseRecord, other: LeaseRecord): boolean {
  return (
    one.holder === other.holder &&
    one.leaseSeconds === other.leaseSeconds &&
    one.acquireTime === other.acquireTime &&
    one.renewTime === other.renewTime &&
    one.transitions === other.transitions
  );
}
