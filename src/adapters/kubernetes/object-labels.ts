import { GROUP } from './resource-path.ts';

/** Names that Jobs, pods and MallSyncs are found by. */
export const MANAGED_BY = 'mallsync-controller';

export const LABELS = {
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  managedBy: 'app.kubernetes.io/managed-by',
  partOf: 'app.kubernetes.io/part-of',
  mallSync: `${GROUP}/mallsync`,
  instanceId: `${GROUP}/instance-id`,
  executionId: `${GROUP}/execution-id`,
  mallId: `${GROUP}/mall-id`,
  domainType: `${GROUP}/domain-type`,
  startDate: `${GROUP}/start-date`,
  endDate: `${GROUP}/end-date`,
  pageSize: `${GROUP}/page-size`,
  attemptCount: `${GROUP}/attempt-count`,
  retryRequest: `${GROUP}/retry-request`,
  queueName: 'kueue.x-k8s.io/queue-name',
  jobName: 'batch.kubernetes.io/job-name',
} as const;

/** Finds the Jobs and pods of this program's controllers. */
export const MANAGED_SELECTOR = `${LABELS.managedBy}=${MANAGED_BY}`;
