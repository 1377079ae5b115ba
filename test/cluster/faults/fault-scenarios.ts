import { createRetryRequests } from '../../../src/adapters/postgres/retry-request.ts';
import type { KubeObject } from '../../support/api-server-door.ts';
import type { SeenJob } from '../../support/test-kubelet-record.ts';
import type { JobPlay, TestKubelet } from '../../support/test-kubelet.ts';
import { until } from '../../support/process-signals.ts';
import type { FaultLane } from './fault-lane.ts';

export interface Stage {
  readonly lane: FaultLane;
  readonly kubelet: TestKubelet;
  /** Aborts when the scenario has had all the time there is. */
  readonly patience: AbortSignal;
}

export interface FaultScenario {
  readonly name: string;
  readonly play: (job: SeenJob) => JobPlay;
  /** Does what people do, and resolves when their wish has been fulfilled. */
  run(stage: Stage): Promise<void>;
  readonly expected: {
    /** In order of mall and attempt: `<mall> <attempt> <status> <reason>`. */
    readonly runs: readonly string[];
    /** Jobs that end by themselves. */
    readonly ends: number;
    /** By MallSync: what its counts come to, and how its Succeeded condition stands; null: it is gone. */
    readonly mallSyncs: Readonly<Record<string, { readonly counts: object; readonly succeeded: string } | null>>;
  };
}

const CONSENT: JobPlay = {
  end: { reason: 'PodFailurePolicy', message: 'exit code 77' },
  sync: { kind: 'failed', reason: 'AuthFailed' },
};
const LONG: JobPlay = { end: null, sync: { kind: 'held' } };

const isOver = (mallSync: KubeObject): boolean =>
  mallSync?.status?.completionTime !== undefined && mallSync.status.observedGeneration === mallSync.metadata.generation;

const started = (count: number) => (record: TestKubelet['record']) =>
  record.list().filter(({ object }) => object.status?.startTime !== undefined).length === count;

/** One completes, one fails for good, one has rejected rows; then the failed one is given another attempt. */
const life: FaultScenario = {
  name: 'life',
  play: ({ mallId, attemptCount }) => {
    if (mallId === 2 && attemptCount === 1) return CONSENT;
    return mallId === 3 ? { sync: { kind: 'rejects' } } : {};
  },
  async run({ lane, patience }) {
    await lane.create('life', { mallIds: [1, 2, 3], attemptCount: 1 });
    await lane.waitFor('life', isOver, patience);
    await lane.change('life', { attemptCount: 2 });
    await lane.waitFor('life', (mallSync) => isOver(mallSync) && mallSync.status.malls.failed === 0, patience);
  },
  expected: {
    runs: ['1 1 COMPLETED', '2 1 FAILED AuthFailed', '2 2 COMPLETED', '3 1 COMPLETED_WITH_REJECTS'],
    ends: 4,
    mallSyncs: { life: { counts: { total: 3, succeeded: 2, withRejects: 1 }, succeeded: 'True' } },
  },
};

/** Two Jobs run and one run waits when the MallSync is deleted. */
const deletion: FaultScenario = {
  name: 'deletion',
  play: () => LONG,
  async run({ lane, kubelet, patience }) {
    await lane.create('deletion', { mallIds: [1, 2, 3], parallelism: 2 });
    await kubelet.waitUntil(started(2), patience);
    await lane.delete('deletion');
    await untilLive(lane, 0, patience);
    await kubelet.waitUntil(({ list }) => list().length === 0, patience);
  },
  expected: {
    runs: ['1 1 STOPPED Stopped', '2 1 STOPPED Stopped', '3 1 STOPPED Stopped'],
    ends: 0,
    mallSyncs: { deletion: null },
  },
};

const cancel: FaultScenario = {
  name: 'cancel',
  play: ({ mallId }) => (mallId === 1 ? {} : LONG),
  async run({ lane, kubelet, patience }) {
    await lane.create('cancel', { mallIds: [1, 2, 3], parallelism: 1 });
    await kubelet.waitUntil(started(2), patience);
    await lane.change('cancel', { cancel: true });
    await lane.waitFor('cancel', isOver, patience);
  },
  expected: {
    runs: ['1 1 COMPLETED', '2 1 STOPPED Stopped', '3 1 STOPPED Stopped'],
    ends: 1,
    mallSyncs: { cancel: { counts: { total: 3, succeeded: 1, stopped: 2 }, succeeded: 'False' } },
  },
};

/** One Job is deleted by hand, one fails without a word, one leaves its execution to a later process that never comes. */
const losses: FaultScenario = {
  name: 'losses',
  play: ({ mallId }) => {
    if (mallId === 1) return LONG;
    const end = { reason: 'BackoffLimitExceeded', message: 'too often' };
    return mallId === 2 ? { end } : { end, sync: { kind: 'released', reason: 'UpstreamUnavailable' } };
  },
  async run({ lane, kubelet, patience }) {
    await lane.create('losses', { mallIds: [1, 2, 3] });
    const findFirst = (record: TestKubelet['record']): SeenJob | undefined =>
      record.list().find(({ mallId, object }) => mallId === 1 && object.status?.startTime !== undefined);
    await kubelet.waitUntil((record) => findFirst(record) !== undefined, patience);
    const name = findFirst(kubelet.record)?.name ?? '';
    await lane.client.request('DELETE', `${lane.jobs}/${name}?propagationPolicy=Background`);
    await lane.waitFor('losses', isOver, patience);
  },
  expected: {
    runs: ['1 1 FAILED Lost', '2 1 FAILED Lost', '3 1 FAILED UpstreamUnavailable'],
    ends: 2,
    mallSyncs: { losses: { counts: { total: 3, failed: 3 }, succeeded: 'False' } },
  },
};

/** The Job goes with our finalizer on it taken off by force, so that nobody is asked. */
const force: FaultScenario = {
  name: 'force',
  play: ({ mallId }) => (mallId === 1 ? LONG : {}),
  async run({ lane, kubelet, patience }) {
    await lane.create('force', { mallIds: [1, 2] });
    const findFirst = (record: TestKubelet['record']): SeenJob | undefined =>
      record.list().find(({ mallId, object }) => mallId === 1 && object.status?.startTime !== undefined);
    await kubelet.waitUntil((record) => findFirst(record) !== undefined, patience);
    const name = findFirst(kubelet.record)?.name ?? '';
    // nothing would tell of a Job that goes by force before anybody has noted it
    await untilLaunched(lane, name, patience);
    await lane.client.request('PATCH', `${lane.jobs}/${name}`, { metadata: { finalizers: null } });
    await lane.client.request('DELETE', `${lane.jobs}/${name}?propagationPolicy=Background`);
    await lane.waitFor('force', isOver, patience);
  },
  expected: {
    runs: ['1 1 FAILED Lost', '2 1 COMPLETED'],
    ends: 1,
    mallSyncs: { force: { counts: { total: 2, succeeded: 1, failed: 1 }, succeeded: 'False' } },
  },
};

const REQUEST_NAME = /^rerun-\d+$/;

const request: FaultScenario = {
  name: 'request',
  play: () => ({}),
  async run({ lane, patience }) {
    const requests = createRetryRequests(lane.ledger);
    const { requestId } = await requests.create('the only one', {
      kind: 'RUN',
      domainType: 'MEMBER',
      startDate: '2025-12-01T00:00:00',
      endDate: '2025-12-02T00:00:00',
      pageSize: 100,
      fingerprints: null,
      mallIds: [1, 2],
      requestedBy: 'kim',
      reason: '',
    });
    const beganMs = performance.now();
    let hasAged = false;
    await until('the request to be done', async () => {
      patience.throwIfAborted();
      if (!hasAged && performance.now() - beganMs > AGE_AFTER_MS) {
        hasAged = true;
        await ageRequests(lane);
      }
      return (await requests.find(requestId))?.state === 'DONE';
    });
    await lane.waitFor(`rerun-${requestId}`, isOver, patience);
  },
  expected: {
    runs: ['1 1 COMPLETED', '2 1 COMPLETED'],
    ends: 2,
    mallSyncs: { 'rerun-*': { counts: { total: 2, succeeded: 2 }, succeeded: 'True' } },
  },
};

/** A request that its process took along to its end is another's after two minutes. */
const AGE_AFTER_MS = 2_500;

async function ageRequests({ query }: FaultLane): Promise<void> {
  await query(`update mallsync.tb_batch_retry_request set accepted_at = accepted_at - interval '3 minutes'`);
  await query(`update mallsync.tb_batch_retry_request_item set updated_at = updated_at - interval '3 minutes'`);
}

async function untilLaunched({ query }: FaultLane, jobName: string, patience: AbortSignal): Promise<void> {
  await until(`${jobName} to be noted`, async () => {
    patience.throwIfAborted();
    const rows = await query('select 1 from mallsync.tb_batch_execution_summary where job_name = $1', [jobName]);
    return rows.length > 0;
  });
}

async function untilLive({ query }: FaultLane, count: number, patience: AbortSignal): Promise<void> {
  await until(`${count} live executions`, async () => {
    patience.throwIfAborted();
    const [row] = await query<{ live: number; all: number }>(
      `select count(*) filter (where status in ('REQUESTED', 'RUNNING', 'WAITING'))::integer as live,
         count(*)::integer as all from mallsync.tb_batch_execution_summary`,
    );
    return row?.live === count && row.all > 0;
  });
}

export const SCENARIOS: readonly FaultScenario[] = [life, deletion, cancel, losses, force, request];

/** A MallSync's name without the number that a request gave it. */
export function toPlainName(name: string): string {
  return REQUEST_NAME.test(name) ? 'rerun-*' : name;
}
