import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readAuditLog, toUser, type AuditCall } from '../../support/audit-log.ts';
import { ADMIN } from '../../support/api-server-files.ts';
import { DEFAULT_SPEC } from '../../support/mall-sync-spec.ts';
import { startProgram } from '../../support/program.ts';
import { readPeakMib } from '../process-usage.ts';
import type { BenchCluster, BenchPlace } from './bench-cluster.ts';
import { sampleConnections } from './connection-sampler.ts';
import { toFigures, type Figures } from './figures.ts';
import { startProcessorUse, type ProcessorUse } from './processor-use.ts';

export interface Scenario {
  readonly name: string;
  readonly mallSyncs: number;
  readonly mallsEach: number;
  /** Null: all at once. */
  readonly perSecond: number | null;
  readonly parallelism: number;
  /** From a Job's appearance to its completion. */
  readonly runMs: number;
  /** How long to look at the controller when all is done; 0: not at all. */
  readonly idleSeconds: number;
}

export interface ScenarioResult extends Figures {
  readonly connections: number;
  readonly peakMib: number;
  /** From the first MallSync to the last thing settled. */
  readonly processor: ProcessorUse;
  /** Besides those for the Lease; null where it was not looked at. */
  readonly idleCallsPerMinute: number | null;
  readonly idleCalls: readonly string[];
}

const KUBELET = fileURLToPath(new URL('./kubelet-process.ts', import.meta.url));
/** Caches and connections have come to rest by then. */
const SETTLE_MS = 3_000;
const LIMIT_MS = 600_000;
const POLL_MS = 100;
const LOG_TAIL = 4_000;

export async function runScenario(cluster: BenchCluster, scenario: Scenario): Promise<ScenarioResult> {
  const place = await cluster.openPlace(scenario.mallSyncs * scenario.mallsEach);
  const controller = startProgram(['controller'], place.environment);
  const { pid } = controller.process;
  if (pid === undefined) throw new Error('the controller did not start');
  const died = controller.finished.then(({ exitCode, stderr }): never => {
    throw new Error(`the controller ended with ${exitCode}: ${stderr.slice(-LOG_TAIL)}`);
  });
  // what ends it in the end is meant to
  died.catch(() => undefined);
  const kubelet = startKubelet(cluster, place, scenario);
  const connections = sampleConnections(pid, Number(new URL(cluster.client.server).port));
  try {
    await Promise.race([waitForLeader(cluster, place), died]);
    await sleep(SETTLE_MS);
    const endUse = startProcessorUse({ ...cluster.pids, controller: pid, kubelet: kubelet.pid });
    const beganAtMs = Date.now();
    await createMallSyncs(cluster, place, scenario);
    await Promise.race([kubelet.over, died]);
    const processor = endUse();
    await sleep(SETTLE_MS);
    const idle = await watchIdle(cluster, place, scenario.idleSeconds);
    const { opened } = connections.stop();
    const figures = await readFigures(cluster, place, scenario, beganAtMs);
    return { ...figures, connections: opened, peakMib: readPeakMib(pid) ?? NaN, processor, ...idle };
  } finally {
    connections.stop();
    controller.process.kill('SIGKILL');
    kubelet.stop();
    await controller.finished;
  }
}

function startKubelet({ adminKubeconfig }: BenchCluster, place: BenchPlace, scenario: Scenario) {
  const { namespace, databaseUrl } = place;
  const { runMs, mallSyncs, mallsEach } = scenario;
  const counts = [runMs, mallSyncs * mallsEach, mallSyncs].map(String);
  const child = spawn(process.execPath, [KUBELET, adminKubeconfig, namespace, databaseUrl, ...counts], {
    // it ends with this process
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const over = (async (): Promise<void> => {
    const limit = AbortSignal.timeout(LIMIT_MS);
    limit.addEventListener('abort', () => child.kill());
    for await (const line of createInterface({ input: child.stdout })) if (line === 'over') return;
    throw new Error('the test kubelet ended before everything was settled');
  })();
  over.catch(() => undefined);
  return { over, pid: child.pid ?? 0, stop: () => child.kill() };
}

async function waitForLeader({ client }: BenchCluster, { namespace }: BenchPlace): Promise<void> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/mallsync-controller`;
  for (;;) {
    const lease = await client.request('GET', path).catch(() => undefined);
    if (lease?.spec?.holderIdentity) return;
    await sleep(POLL_MS);
  }
}

/** MallSync number n has the n-th range of malls to itself. */
async function createMallSyncs({ client }: BenchCluster, { namespace }: BenchPlace, scenario: Scenario): Promise<void> {
  const { mallSyncs, mallsEach, perSecond, parallelism } = scenario;
  const path = `/apis/mallsync.io/v1alpha1/namespaces/${namespace}/mallsyncs`;
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: mallSyncs }, async (_, n) => {
      const mallIds = Array.from({ length: mallsEach }, (__, index) => n * mallsEach + index + 1);
      if (perSecond !== null) await sleep(startMs + (n * 1000) / perSecond - performance.now());
      await client.request('POST', path, {
        apiVersion: 'mallsync.io/v1alpha1',
        kind: 'MallSync',
        metadata: { name: toName(n) },
        spec: { ...DEFAULT_SPEC, mallIds, parallelism },
      });
    }),
  );
}

function toName(n: number): string {
  return `bench-${n}`;
}

async function readFigures(
  { auditLog }: BenchCluster,
  { namespace }: BenchPlace,
  { mallsEach }: Scenario,
  beganAtMs: number,
): Promise<Figures> {
  const user = toUser(namespace, 'mallsync-controller');
  const all = await readAuditLog(auditLog, (name) => name === user || name === ADMIN);
  const here = all.filter((call) => call.namespace === namespace && call.receivedAtMs >= beganAtMs);
  const created = here.filter((call) => call.user === ADMIN && call.verb === 'create' && call.resource === 'mallsyncs');
  return toFigures({
    calls: here.filter((call) => call.user === user),
    created: created.map(({ name, receivedAtMs }) => {
      const n = Number(name.split('-')[1]);
      return { atMs: receivedAtMs, fromMall: n * mallsEach + 1, untilMall: (n + 1) * mallsEach + 1 };
    }),
  });
}

async function watchIdle(
  { auditLog }: BenchCluster,
  { namespace }: BenchPlace,
  seconds: number,
): Promise<Pick<ScenarioResult, 'idleCallsPerMinute' | 'idleCalls'>> {
  if (seconds === 0) return { idleCallsPerMinute: null, idleCalls: [] };
  const sinceMs = Date.now();
  await sleep(seconds * 1000);
  const user = toUser(namespace, 'mallsync-controller');
  const calls = await readAuditLog(auditLog, (name) => name === user);
  const idle = calls.filter(({ receivedAtMs, resource }) => receivedAtMs >= sinceMs && resource !== 'leases');
  return { idleCallsPerMinute: (idle.length * 60) / seconds, idleCalls: [...new Set(idle.map(toKind))] };
}

function toKind({ verb, resource }: AuditCall): string {
  return `${verb} ${resource}`;
}
