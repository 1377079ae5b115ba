import { describe, expect, it } from 'vitest';
import type { Logger } from '../../adapters/telemetry/log.ts';
import { parsePeriod } from '../../domain/period.ts';
import { readSettings } from '../settings/read-settings.ts';
import { executionSettings } from './execution-settings.ts';
import { decideThreads, runItems } from './run-items.ts';
import type { WorkItem } from './work-item.ts';

describe('decideThreads', () => {
  it('takes one thread a core, but only where each gets work enough to be worth its start', () => {
    expect(decideThreads(300, 8, 4)).toBe(4);
    expect(decideThreads(13, 8, 4)).toBe(2);
    expect(decideThreads(3, 8, 4)).toBe(1);
  });

  it('takes no more threads than executions may run at once', () => {
    expect(decideThreads(300, 2, 16)).toBe(2);
    expect(decideThreads(300, 1, 16)).toBe(1);
  });
});

describe('runItems', () => {
  it('reports every item as failed when its threads die', async () => {
    const settings = readSettings(
      executionSettings,
      {},
      {
        MALLSYNC_DATABASE_URL: 'postgres://u:p@127.0.0.1:9/none',
        MALLSYNC_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
      },
    );
    const errors: string[] = [];
    const log: Logger = { debug() {}, info() {}, warn() {}, error: (message) => errors.push(message) };
    const report = await runItems(
      [1, 2, 3].map(buildItem),
      { settings, name: 'test', parallel: 2, threads: 2 },
      { log, emit: () => {} },
      new AbortController().signal,
    );
    expect(report.executions.map(({ mallId, failureReason }) => [mallId, failureReason])).toEqual([
      [1, 'Lost'],
      [2, 'Lost'],
      [3, 'Lost'],
    ]);
    expect(report.totals.failed).toBe(3);
    expect(errors).toEqual(['thread died', 'thread died']);
  });
});

function buildItem(mallId: number): WorkItem {
  return {
    mall: {
      mallId,
      cafe24MallId: `mall${mallId}`,
      name: '',
      active: true,
      shopNos: null,
      domainTypes: ['MEMBER'],
      labels: {},
      settings: {},
    },
    domainType: 'MEMBER',
    period: parsePeriod('2025-12-01T00:00:00', '2025-12-02T00:00:00'),
    pageSize: 1000,
    attemptCount: null,
    mode: 'RESUME',
    reason: '',
    trigger: 'LOCAL',
    requestedBy: '',
    fingerprints: null,
  };
}
