import type { JobOrder } from '../../src/controller/cluster.ts';
import type { MallSyncSpec } from '../../src/controller/mall-sync.ts';
import { parsePeriod } from '../../src/domain/period.ts';
import type { JobSettings } from '../../src/adapters/kubernetes/job-settings.ts';

export const JOB_SETTINGS: JobSettings = {
  image: 'registry.test/mallsync:1',
  databaseUrl: { name: 'mallsync', key: 'database-url' },
  databaseDirectUrl: null,
  encryptionKeys: { name: 'mallsync', key: 'encryption-keys' },
  environment: {},
  resources: {},
  queueName: null,
  podTemplate: {},
  podLabels: {},
  podAnnotations: {},
};

const SPEC: MallSyncSpec = {
  domainType: 'MEMBER',
  period: parsePeriod('2025-12-01T00:00:00', '2025-12-17T23:59:59'),
  mallIds: null,
  mallSelector: null,
  pageSize: 1_000,
  attemptCount: null,
  reprocess: false,
  reason: '',
  trigger: 'MANUAL',
  requestedBy: '',
  replay: null,
  parallelism: 20,
  priority: 50,
  suspend: false,
  cancel: false,
  activeDeadlineSeconds: 21_600,
  ttlSecondsAfterFinished: 604_800,
};

export function buildOrder(spec: Partial<MallSyncSpec> = {}, run: Partial<JobOrder['run']> = {}): JobOrder {
  return {
    mallSync: { name: 'member-2025-12-01-17', uid: '5a1c5f1e-27fd-4b6a-9c6e-0d6f6f3f2b11' },
    spec: { ...SPEC, ...spec },
    run: { executionId: 918, instanceId: 77, mallId: 3, attemptCount: 2, pageSize: 500, ...run },
  };
}
