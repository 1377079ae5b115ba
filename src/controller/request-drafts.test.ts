import { describe, expect, it } from 'vitest';
import type { RunRequest } from './request-drafts.ts';
import { buildRequestDrafts } from './request-drafts.ts';

function openMalls(...mallIds: number[]): RunRequest['malls'] {
  return mallIds.map((mallId) => ({ mallId, isOpen: true }));
}

const REQUEST: RunRequest = {
  requestId: 17,
  kind: 'RESUME',
  domainType: 'ORDER',
  startDate: '2025-12-01T00:00:00',
  endDate: '2025-12-02T00:00:00',
  pageSize: 300,
  fingerprints: null,
  malls: openMalls(3, 7),
  requestedBy: 'kim@office',
  reason: 'late orders',
};

describe('buildRequestDrafts', () => {
  it('makes one MallSync of a request, known by its label', () => {
    expect(buildRequestDrafts(REQUEST)).toEqual([
      {
        name: 'rerun-17',
        labels: { 'mallsync.io/retry-request': '17', 'mallsync.io/trigger': 'RERUN' },
        spec: {
          domainType: 'ORDER',
          startDate: '2025-12-01T00:00:00',
          endDate: '2025-12-02T00:00:00',
          mallIds: [3, 7],
          pageSize: 300,
          trigger: 'RERUN',
          requestedBy: 'kim@office',
          reason: 'late orders',
        },
      },
    ]);
  });

  it.each([
    [{ kind: 'RUN' }, { trigger: 'MANUAL' }],
    [{ kind: 'REPROCESS' }, { trigger: 'RERUN', reprocess: true }],
    [{ kind: 'REPLAY_REJECTED' }, { trigger: 'RERUN', replay: { fingerprints: [] } }],
    [{ kind: 'REPLAY_REJECTED', fingerprints: ['MAP:X'] }, { replay: { fingerprints: ['MAP:X'] } }],
  ] as const)('of %o asks for %o', (given, expected) => {
    const [draft] = buildRequestDrafts({ ...REQUEST, ...given });
    expect(draft?.spec).toMatchObject(expected);
    const modes = Object.keys(draft?.spec ?? {}).filter((key) => key === 'reprocess' || key === 'replay');
    expect(modes).toEqual(Object.keys(expected).filter((key) => key !== 'trigger'));
  });

  it('makes several of more than a thousand malls, each under the same name when some are done', () => {
    const malls = openMalls(...Array.from({ length: 3_001 }, (_, index) => index + 1));
    const drafts = buildRequestDrafts({ ...REQUEST, malls });
    expect(drafts.map(({ name }) => name)).toEqual(['rerun-17', 'rerun-17-2', 'rerun-17-3', 'rerun-17-4']);
    expect(drafts.flatMap(({ spec }) => spec['mallIds'])).toEqual(malls.map(({ mallId }) => mallId));
    const later = malls.map(({ mallId }) => ({ mallId, isOpen: mallId > 1_998 && mallId <= 3_000 }));
    const rest = buildRequestDrafts({ ...REQUEST, malls: later });
    expect(rest.map(({ name }) => name)).toEqual(['rerun-17-2', 'rerun-17-3']);
    expect(rest[0]?.spec['mallIds']).toEqual([1_999, 2_000]);
  });
});
