import { expect, it } from 'vitest';
import type { MallSyncStatus } from '../../controller/mall-sync.ts';
import { parseMallSync } from './mall-sync-parser.ts';
import { buildStatusDocument } from './mall-sync-status-document.ts';

const STATUS: MallSyncStatus = {
  observedGeneration: 2,
  conditions: [
    {
      type: 'Admitted',
      status: 'True',
      reason: 'Admitted',
      message: '',
      observedGeneration: 2,
      lastTransitionTime: '2025-12-18T00:00:00Z',
    },
  ],
  malls: {
    total: 3,
    waiting: 0,
    active: 1,
    succeeded: 1,
    withRejects: 0,
    alreadyComplete: 0,
    refused: 0,
    failed: 1,
    stopped: 0,
  },
  rows: { read: 5, inserted: 1, updated: 1, unchanged: 2, rejected: 1 },
  failures: [{ mallId: 3, reason: 'AuthFailed', message: 'no consent', attempt: 2, executionId: 918 }],
  explanation: 'One mall failed.',
  startTime: '2025-12-18T00:00:00Z',
};

function readBack(status: object): MallSyncStatus | null {
  const metadata = { name: 'a', uid: 'u', creationTimestamp: '2025-12-18T00:00:00Z' };
  return parseMallSync({ metadata, spec: null, status: JSON.parse(JSON.stringify(status)) }).status;
}

it('is read back as it was', () => {
  const whole = { ...STATUS, completionTime: '2025-12-18T01:00:00Z' };
  expect(readBack(buildStatusDocument(whole))).toEqual(whole);
});

it('is taken by the schema however long its texts and lists are', () => {
  const long = '😀'.repeat(3_000);
  const status: MallSyncStatus = {
    ...STATUS,
    explanation: long,
    conditions: STATUS.conditions.map((each) => ({ ...each, message: long })),
    failures: Array.from({ length: 25 }, (_, index) => ({ mallId: index + 1, reason: 'Bug', message: long })),
  };
  expect(readBack(status)).toBeNull();
  const saved = readBack(buildStatusDocument(status));
  expect(saved?.failures).toHaveLength(20);
  expect(saved?.explanation).toHaveLength(4_096);
  expect(saved?.explanation.isWellFormed()).toBe(true);
});
