import { describe, expect, test } from 'vitest';
import type { AuditCall } from '../../support/audit-log.ts';
import { toFigures, toPercentiles } from './figures.ts';

const BASE: AuditCall = {
  user: 'controller',
  verb: 'create',
  group: 'batch',
  resource: 'jobs',
  namespace: 'bench',
  name: '',
  code: 201,
  isAllowed: true,
  receivedAtMs: 0,
  answeredAtMs: 0,
};

const createJob = (mall: number, answeredAtMs: number, code = 201): AuditCall => ({
  ...BASE,
  name: `ms-member-${mall}-20251201t000000-20251217t235959-1`,
  answeredAtMs,
  code,
});

describe('the figures of the benchmark', () => {
  test('are read from what the API server wrote down', () => {
    const release: AuditCall = { ...BASE, verb: 'patch', code: 200, answeredAtMs: 9_000 };
    const lease: AuditCall = { ...BASE, verb: 'update', resource: 'leases', answeredAtMs: 99_000 };
    const figures = toFigures({
      calls: [
        createJob(1, 1_100),
        createJob(2, 1_050),
        createJob(3, 3_000),
        createJob(3, 2_000, 409),
        release,
        { ...release, code: 404, answeredAtMs: 8_000 },
        lease,
      ],
      created: [
        { atMs: 1_000, fromMall: 1, untilMall: 3 },
        { atMs: 1_500, fromMall: 3, untilMall: 5 },
      ],
    });
    expect(figures).toEqual({
      jobs: 3,
      createdSeconds: 2,
      settledSeconds: 8,
      firstJobMs: { p50: 50, p99: 1_500 },
      calls: [
        ['create jobs', 4],
        ['patch jobs', 2],
      ],
      callsPerJob: 2,
      conflicts: 1,
      refusals: 1,
    });
  });

  test('take percentiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(toPercentiles(hundred)).toEqual({ p50: 50, p99: 99 });
    expect(toPercentiles([7])).toEqual({ p50: 7, p99: 7 });
  });
});
