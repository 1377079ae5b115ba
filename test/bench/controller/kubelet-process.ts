import { Pool } from 'pg';
import { openApiServer } from '../../support/api-server-client.ts';
import type { KubeObject } from '../../support/api-server-door.ts';
import { buildCompleteStatus, isFinished } from '../../support/test-kubelet-status.ts';

/**
 * A process of its own, so that it costs the measured controller nothing but processor time of the machine: marks each
 * Job complete some seconds after it appears, its execution in the ledger before that, and says when all is over.
 */
const BATCH_MS = 50;
const AT_ONCE = 8;

interface Due {
  readonly name: string;
  readonly executionId: number;
  readonly object: KubeObject;
}

const [kubeconfig = '', namespace = '', databaseUrl = '', runMs = '', jobCount = '', mallSyncCount = ''] =
  process.argv.slice(2);
const client = openApiServer(kubeconfig);
const pool = new Pool({ connectionString: databaseUrl, max: 2, application_name: 'bench kubelet' });
const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
const mallSyncs = `/apis/mallsync.io/v1alpha1/namespaces/${namespace}/mallsyncs`;
const ended = new AbortController();
const seen = new Set<string>();
const released = new Set<string>();
const completed = new Set<string>();
let due: Due[] = [];

function endWhenOver(): void {
  if (released.size < Number(jobCount) || completed.size < Number(mallSyncCount)) return;
  process.stdout.write('over\n');
  ended.abort();
}

async function followJobs(): Promise<void> {
  for await (const { type, object } of client.follow(jobs, ended.signal)) {
    const { uid, name, labels, finalizers } = object.metadata;
    if (type === 'DELETED' || (isFinished(object) && finalizers === undefined)) {
      released.add(uid);
      endWhenOver();
    } else if (!seen.has(uid)) {
      seen.add(uid);
      const executionId = Number(labels['mallsync.io/execution-id']);
      setTimeout(() => due.push({ name, executionId, object }), Number(runMs));
    }
  }
}

async function followMallSyncs(): Promise<void> {
  for await (const { object } of client.follow(mallSyncs, ended.signal)) {
    if (object.status?.completionTime !== undefined) completed.add(object.metadata.uid);
    endWhenOver();
  }
}

async function completeDue(): Promise<void> {
  while (!ended.signal.aborted) {
    const batch = due;
    due = [];
    if (batch.length > 0) {
      await settle(batch);
      await Promise.all(Array.from({ length: AT_ONCE }, () => markComplete(batch)));
    }
    await new Promise((resolve) => setTimeout(resolve, BATCH_MS));
  }
}

async function settle(batch: readonly Due[]): Promise<void> {
  await pool.query(
    `update mallsync.tb_batch_execution_summary set status = 'COMPLETED', exit_code = 0, fence_token = fence_token + 1,
       started_at = now(), ended_at = now(), read = 1000, inserted = 1000, pages = 1
     where execution_id = any($1) and status in ('REQUESTED', 'RUNNING', 'WAITING')`,
    [batch.map(({ executionId }) => executionId)],
  );
}

/** One of several that empty the batch together. */
async function markComplete(batch: Due[]): Promise<void> {
  for (let next = batch.pop(); next !== undefined; next = batch.pop()) {
    // as the Job controller does it
    const { object } = next;
    await client.request('PUT', `${jobs}/${next.name}/status`, { ...object, status: buildCompleteStatus(object) });
  }
}

process.stdin.on('close', () => process.exit(1)).resume();
await Promise.all([followJobs(), followMallSyncs(), completeDue()]);
await Promise.all([pool.end(), client.close()]);
process.stdin.destroy();
