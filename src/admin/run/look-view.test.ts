import { describe, expect, it } from 'vitest';
import { buildLookCommands } from './look-view.ts';

const local = {
  executionId: 918,
  mallId: 7,
  domainType: 'ORDER',
  jobName: null,
  holder: null,
  mallSyncName: null,
  mallSyncNamespace: null,
  startedAtMs: Date.parse('2025-12-01T15:00:05Z'),
  endedAtMs: Date.parse('2025-12-01T15:01:05Z'),
} as const;

describe('buildLookCommands', () => {
  it('leads a local run’s reader to the lines of its log, cut to its time', () => {
    const { kubernetes, local: lines } = buildLookCommands(local, 'shops');
    expect(kubernetes).toEqual([]);
    expect(lines).toEqual([
      `journalctl -u mallsync -o cat --since '2025-12-02 00:00:05 Asia/Seoul' --until '2025-12-02 00:01:06 Asia/Seoul'` +
        ` | jq -R 'fromjson? | select(.mallId == 7 and .domainType == "ORDER")'`,
    ]);
  });

  it('names Job and MallSync in the namespace of the run, else in the one that is given', () => {
    const run = { ...local, jobName: 'ms-order-7', mallSyncName: 'night', mallSyncNamespace: 'shops' };
    expect(buildLookCommands(run, 'other')).toMatchObject({
      kubernetes: [
        'kubectl logs -n shops job/ms-order-7',
        'kubectl describe -n shops job ms-order-7',
        'kubectl describe -n shops ms night',
      ],
      local: [],
    });
    expect(buildLookCommands({ ...run, mallSyncNamespace: null }, 'other').kubernetes[0]).toContain('-n other');
    expect(buildLookCommands({ ...run, mallSyncNamespace: null }, null).kubernetes[0]).toBe(
      'kubectl logs job/ms-order-7',
    );
  });
});
