import { describe, expect, it } from 'vitest';
import { parseMallSync } from './mall-sync-parser.ts';

const METADATA = {
  name: 'member-2025-12-01-17',
  uid: 'u',
  generation: 3,
  resourceVersion: '99',
  creationTimestamp: '2025-12-18T00:00:00Z',
  managedFields: [{ manager: 'kubectl' }],
};
const SPEC = { domainType: 'MEMBER', startDate: '2025-12-01T00:00:00', endDate: '2025-12-17T23:59:59' };

const parse = (spec: unknown, metadata: object = METADATA, status?: unknown) =>
  parseMallSync({ apiVersion: 'mallsync.io/v1alpha1', kind: 'MallSync', metadata, spec, status });

describe('a parsed MallSync', () => {
  it('holds its spec with the defaults filled in', () => {
    expect(parse({ ...SPEC, mallIds: [3, 1], attemptCount: 2, replay: {} })).toEqual({
      name: 'member-2025-12-01-17',
      uid: 'u',
      generation: 3,
      resourceVersion: '99',
      createdAtMs: Date.UTC(2025, 11, 18),
      isDeleting: false,
      retryRequestId: null,
      fault: null,
      status: null,
      spec: {
        domainType: 'MEMBER',
        period: {
          startDate: '2025-12-01T00:00:00',
          endDate: '2025-12-17T23:59:59',
          fromMs: Date.UTC(2025, 10, 30, 15),
          untilMs: Date.UTC(2025, 11, 17, 15),
        },
        mallIds: [3, 1],
        mallSelector: null,
        pageSize: 1_000,
        attemptCount: 2,
        reprocess: false,
        reason: '',
        trigger: 'MANUAL',
        requestedBy: '',
        replay: { fingerprints: [] },
        parallelism: 20,
        priority: 50,
        suspend: false,
        cancel: false,
        activeDeadlineSeconds: 21_600,
        ttlSecondsAfterFinished: 604_800,
      },
    });
  });

  it('goes before others by what asked for it, unless it says itself', () => {
    const priorities = ['RERUN', 'MANUAL', 'NIGHTLY', 'BACKFILL'].map(
      (trigger) => parse({ ...SPEC, trigger }).spec?.priority,
    );
    expect(priorities).toEqual([100, 50, 0, -100]);
    expect(parse({ ...SPEC, trigger: 'RERUN', priority: -3 }).spec?.priority).toBe(-3);
  });

  it('knows the retry request that it was made for', () => {
    const labels = { 'mallsync.io/retry-request': '41' };
    expect(parse(SPEC, { ...METADATA, labels }).retryRequestId).toBe(41);
    expect(parse(SPEC, { ...METADATA, labels: { 'mallsync.io/retry-request': 'x' } }).retryRequestId).toBeNull();
  });

  it('may be going already', () => {
    expect(parse(SPEC, { ...METADATA, deletionTimestamp: '2025-12-18T00:00:01Z' }).isDeleting).toBe(true);
  });

  it.each([
    ['nothing', undefined, 'spec: '],
    ['an unknown domain type', { ...SPEC, domainType: 'COUPON' }, 'spec.domainType: '],
    ['a begin that is no time', { ...SPEC, startDate: 'today' }, 'spec.startDate: '],
    ['a day that no calendar has', { ...SPEC, startDate: '2025-02-30T00:00:00' }, '2025-02-30T00:00:00'],
    ['an end before the begin', { ...SPEC, endDate: '2025-11-01T00:00:00' }, 'is not after startDate'],
    ['a mall 0', { ...SPEC, mallIds: [1, 0] }, 'spec.mallIds.1: '],
  ])('says what is wrong with a spec of %s, and goes on', (_what, spec, fault) => {
    const parsed = parse(spec);
    expect(parsed.spec).toBeNull();
    expect(parsed.fault).toContain(fault);
  });

  it('leaves out what a later version added', () => {
    expect(parse({ ...SPEC, later: 1 })).toEqual(parse(SPEC));
  });

  it('has no status where another version’s cannot be read', () => {
    expect(parse(SPEC, METADATA, { phase: 'Running' }).status).toBeNull();
  });

  it.each([[null], [{}], [{ metadata: { name: 'x' } }]])('is not made of %j', (raw) => {
    expect(() => parseMallSync(raw)).toThrow('Invalid input');
  });
});
