import { inject } from 'vitest';
import { openClusterDatabase, type ClusterDatabase } from './e2e-database.ts';
import type { E2eNamespace } from './e2e-namespace.ts';
import { openClusterSimulator, type ClusterSimulator } from './e2e-simulator.ts';
import { CHART } from './helm.ts';
import { readSeries, type Series } from './metrics-text.ts';

/** As `kubectl get` gives it; what a test reads of it is checked by what it expects. */
export interface SeenMallSync {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly conditions: readonly SeenCondition[];
    readonly malls: Readonly<Record<string, number>>;
    readonly rows: Readonly<Record<string, number>>;
    readonly failures: readonly Readonly<Record<string, unknown>>[];
    readonly explanation: string;
    readonly completionTime?: string;
    readonly observedGeneration?: number;
  };
}

export interface SeenCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export type ChartValues = Readonly<Record<string, unknown>>;

export interface InstallOptions {
  /** Laid over those of `TRIAL_VALUES`, key by key. */
  readonly values?: ChartValues;
  /** Folder of the chart; the tree's when absent. */
  readonly chart?: string;
}

/** A release of the chart in trial mode, in a namespace of its own. */
export interface Mallsync extends Release {
  /** On the trial's PostgreSQL, past all of the program; the connection is opened anew when it breaks. */
  readonly query: ClusterDatabase['query'];
  readonly databaseUrl: ClusterDatabase['url'];
  /** The simulator's truth, faults and behaviour, over its HTTP control. */
  readonly simulator: ClusterSimulator;
  /** Closes its connections; the release ends with the namespace. */
  stop(): Promise<void>;
}

/** What a release does, wherever its database is. */
export interface Release {
  /** Makes a Job from the nightly CronJob, waits for its end, and gives what it said. */
  createNight(jobName: string): Promise<string>;
  listMallSyncs(): Promise<readonly SeenMallSync[]>;
  /** All MallSyncs, when each of them has ended and there is one at least. */
  waitForNight(seconds?: number): Promise<readonly SeenMallSync[]>;
  /** The MallSync when its present generation has ended. */
  waitForEnd(name: string, seconds?: number): Promise<SeenMallSync>;
  /** From the controller's Service. */
  readMetrics(): Promise<Series>;
  /** `helm upgrade --reuse-values` with these on top. */
  upgrade(options: InstallOptions): Promise<void>;
}

export const RELEASE = 'mallsync';
const INSTALL_MINUTES = 5;
const NIGHT_SECONDS = 420;

/** A night of several pages a mall, without the days before; small requests, since it is the node that is shared. */
function buildTrialValues(): ChartValues {
  const { postgresImage } = inject('e2e');
  const resources = { requests: { cpu: '1m', memory: '32Mi' } };
  return {
    trial: {
      enabled: true,
      // the lab has no StorageClass
      postgres: { image: postgresImage, storage: { enabled: false }, resources },
      simulator: { resources },
      jobLimit: 20,
    },
    controller: { resources },
    jobs: { resources, succeededTtlSeconds: 3_600 },
    nightly: { pageSize: 100, catchUpDays: 0, resources },
    toolbox: { resources },
  };
}

/** The values that name the image under test, or another one. */
export function buildImageValues(image: string = inject('e2e').image): ChartValues {
  return { image: { ...parseImage(image), pullPolicy: 'IfNotPresent' } };
}

export function parseImage(image: string): Readonly<Record<'repository' | 'tag' | 'digest', string>> {
  const [name = image, digest = ''] = image.split('@');
  const [, repository = name, tag = ''] = /^(.*?)(?::([^/:]+))?$/.exec(name) ?? [];
  return { repository, tag: tag === '' && digest === '' ? 'latest' : tag, digest };
}

/** `helm install --wait` of the release with exactly these values, besides the image's. */
export async function installRelease(
  namespace: E2eNamespace,
  { values = {}, chart = CHART }: InstallOptions,
): Promise<void> {
  // the CRD of an earlier namespace's release outlived it, and passes to this one
  const args = ['install', RELEASE, chart, '--take-ownership', '--wait', '--timeout', `${INSTALL_MINUTES}m`];
  const input = JSON.stringify(mergeValues(buildImageValues(), values));
  await namespace.helm([...args, '--values', '-'], { input });
}

/** A trial: PostgreSQL, the simulator with 21 malls of which 20 are active, the controller, the toolbox; all ready. */
export async function installMallsync(namespace: E2eNamespace, options: InstallOptions = {}): Promise<Mallsync> {
  await installRelease(namespace, { ...options, values: mergeValues(buildTrialValues(), options.values ?? {}) });
  return await openMallsync(namespace);
}

/** The ways into a trial that is installed already. */
export async function openMallsync(namespace: E2eNamespace): Promise<Mallsync> {
  const database = await openClusterDatabase(namespace, RELEASE);
  const simulator = await openClusterSimulator(namespace, RELEASE);
  return {
    ...(await openRelease(namespace)),
    query: (sql, values) => database.query(sql, values),
    databaseUrl: database.url,
    simulator,
    stop: () => database.close(),
  };
}

/** The ways into a release that is installed already. */
export async function openRelease(namespace: E2eNamespace): Promise<Release> {
  const metrics = await namespace.forward(`service/${RELEASE}-controller`, 9464);
  const listMallSyncs = async (): Promise<readonly SeenMallSync[]> =>
    (await namespace.kubectlJson<{ readonly items: readonly SeenMallSync[] }>(['get', 'mallsyncs'])).items;
  return {
    listMallSyncs,
    createNight: (jobName) => createNight(namespace, jobName),
    waitForNight: (seconds = NIGHT_SECONDS) =>
      namespace.waitFor(
        'the end of all MallSyncs',
        async () => {
          const mallSyncs = await listMallSyncs();
          return mallSyncs.length > 0 && mallSyncs.every(hasEnded) && mallSyncs;
        },
        seconds,
      ),
    waitForEnd: (name, seconds = NIGHT_SECONDS) =>
      namespace.waitFor(
        `the end of ${name}`,
        async () => {
          const mallSync = await namespace.kubectlJson<SeenMallSync>(['get', 'mallsync', name]);
          return hasEnded(mallSync) && mallSync;
        },
        seconds,
      ),
    // the forward fails once where its pod was replaced
    readMetrics: () =>
      namespace.waitFor('metrics', () => readSeries(`http://127.0.0.1:${metrics.port}`).catch(() => undefined), 30),
    upgrade: async ({ values = {}, chart = CHART }) => {
      const args = [
        'upgrade',
        RELEASE,
        chart,
        '--reuse-values',
        '--take-ownership',
        '--wait',
        '--timeout',
        `${INSTALL_MINUTES}m`,
      ];
      await namespace.helm([...args, '--values', '-'], { input: JSON.stringify(values) });
    },
  };
}

async function createNight(namespace: E2eNamespace, jobName: string): Promise<string> {
  await namespace.kubectl(['create', 'job', jobName, `--from=cronjob/${RELEASE}-nightly`]);
  await namespace.kubectl(['wait', '--for=condition=Complete', `job/${jobName}`, '--timeout=120s']);
  return await namespace.kubectl(['logs', `job/${jobName}`]);
}

/** For its present spec: a raised attemptCount opens it again. */
function hasEnded({ metadata, status }: SeenMallSync): boolean {
  const { generation } = metadata as { readonly generation?: number };
  return status?.completionTime !== undefined && status.observedGeneration === generation;
}

export function mergeValues(under: ChartValues, over: ChartValues): ChartValues {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = isTree(before) && isTree(value) ? mergeValues(before, value) : value;
  }
  return merged;
}

function isTree(value: unknown): value is ChartValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
