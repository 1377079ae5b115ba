import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildOrder, JOB_SETTINGS } from '../../../test/support/job-orders.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { parsePeriod } from '../../domain/period.ts';
import { DAY_MS, toSeoulTime } from '../../domain/seoul-time.ts';
import { buildJob, isJobOf, toJobName } from './job-builder.ts';
import { parseJob } from './job-parser.ts';

interface Parameters {
  readonly domainType: (typeof DOMAIN_TYPES)[number];
  readonly mallId: number;
  readonly startMs: number;
  readonly days: number;
  readonly attemptCount: number;
}

const SECONDS_TO_2100 = 4_102_444_800;

const parameters: fc.Arbitrary<Parameters> = fc.record({
  domainType: fc.constantFrom(...DOMAIN_TYPES),
  mallId: fc.oneof(
    fc.integer({ min: 1, max: 12 }),
    fc.maxSafeNat().map((id) => id + 1),
  ),
  startMs: fc.integer({ min: 1, max: SECONDS_TO_2100 }).map((seconds) => seconds * 1_000),
  days: fc.integer({ min: 1, max: 400 }),
  attemptCount: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 1_000_000 })),
});

/** Two of them, apart in some parameters only. */
const pairs = fc
  .tuple(
    parameters,
    parameters,
    fc.uniqueArray(fc.constantFrom<keyof Parameters>('domainType', 'mallId', 'startMs', 'days', 'attemptCount')),
  )
  .map(([one, other, kept]) => [one, { ...other, ...Object.fromEntries(kept.map((key) => [key, one[key]])) }] as const);

function toOrder({ domainType, mallId, startMs, days, attemptCount }: Parameters) {
  const period = parsePeriod(toSeoulTime(startMs), toSeoulTime(startMs + days * DAY_MS));
  return buildOrder({ domainType, period }, { mallId, attemptCount });
}

describe('the name of a Job', () => {
  it('tells a person what it reads', () => {
    expect(toJobName(buildOrder())).toBe('ms-member-3-20251201t000000-20251217t235959-2');
  });

  it('fits a label however large the numbers are', () => {
    const name = toJobName(buildOrder({}, { mallId: Number.MAX_SAFE_INTEGER, attemptCount: 1_000_000 }));
    expect(name).toMatch(/^ms-member-9007199254740991-20251201t000000-2025[0-9t]*-[0-9a-f]{12}$/);
    expect(name).toHaveLength(63);
  });

  it('is a DNS label, the same for the same execution and never for another one', () => {
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        const [name, otherName] = [toJobName(toOrder(one)), toJobName(toOrder(other))];
        expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])$/);
        expect(name === otherName).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not depend on what may change while it runs', () => {
    expect(toJobName(buildOrder({ priority: 7, suspend: true }, { pageSize: 1, executionId: 1 }))).toBe(
      toJobName(buildOrder()),
    );
  });
});

describe('a Job', () => {
  /** As the API server gives it back. */
  const created = (order = buildOrder()) => {
    const job = JSON.parse(JSON.stringify(buildJob(order, JOB_SETTINGS)));
    return { ...job, metadata: { ...job.metadata, uid: 'j', creationTimestamp: '2025-12-18T00:00:00Z' } };
  };

  it('runs sync with the parameters of its execution', () => {
    const [container] = created().spec.template.spec.containers;
    expect(container.args.join(' ')).toBe(
      'sync --mall-id 3 --domain-type MEMBER --start-date 2025-12-01T00:00:00 --end-date 2025-12-17T23:59:59 --page-size 500 --attempt-count 2',
    );
  });

  it('is found by its parameters, and so are its pods', () => {
    const { metadata, spec } = created();
    expect(metadata.labels).toEqual({
      'app.kubernetes.io/name': 'mallsync',
      'app.kubernetes.io/component': 'sync',
      'app.kubernetes.io/managed-by': 'mallsync-controller',
      'app.kubernetes.io/part-of': 'mallsync',
      'mallsync.io/mallsync': 'member-2025-12-01-17',
      'mallsync.io/execution-id': '918',
      'mallsync.io/instance-id': '77',
      'mallsync.io/mall-id': '3',
      'mallsync.io/domain-type': 'MEMBER',
      'mallsync.io/start-date': '20251201T000000',
      'mallsync.io/end-date': '20251217T235959',
      'mallsync.io/page-size': '500',
      'mallsync.io/attempt-count': '2',
    });
    expect(spec.template.metadata.labels).toEqual(metadata.labels);
  });

  it('has no time to live before its outcome is recorded', () => {
    const { metadata, spec } = created();
    expect(metadata.finalizers).toEqual(['mallsync.io/outcome']);
    expect(spec).not.toHaveProperty('ttlSecondsAfterFinished');
  });

  it('names its Kueue queue on itself only, and waits for it', () => {
    const { metadata, spec } = JSON.parse(
      JSON.stringify(buildJob(buildOrder(), { ...JOB_SETTINGS, queueName: 'night' })),
    );
    expect(metadata.labels['kueue.x-k8s.io/queue-name']).toBe('night');
    expect(spec.suspend).toBe(true);
    expect(spec.template.metadata.labels).not.toHaveProperty('kueue.x-k8s.io/queue-name');
    expect(created().spec).not.toHaveProperty('suspend');
  });

  it('keeps labels of its own whatever the settings say', () => {
    const podLabels = { team: 'crm', 'mallsync.io/mall-id': '9' };
    const job = JSON.parse(JSON.stringify(buildJob(buildOrder(), { ...JOB_SETTINGS, podLabels })));
    expect(job.spec.template.metadata.labels).toMatchObject({ team: 'crm', 'mallsync.io/mall-id': '3' });
  });

  it('is recognized by its owner, execution and instance, not by its name alone', () => {
    const job = parseJob(created());
    expect(isJobOf(job, buildOrder())).toBe(true);
    const { mallSync, ...rest } = buildOrder();
    expect(isJobOf(job, { ...rest, mallSync: { ...mallSync, uid: 'another' } })).toBe(false);
    expect(isJobOf(job, buildOrder({}, { executionId: 919 }))).toBe(false);
    expect(isJobOf(job, buildOrder({}, { instanceId: 78 }))).toBe(false);
    expect(isJobOf(job, buildOrder({}, { mallId: 4 }))).toBe(false);
  });
});
