import { mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { findFreePort } from '../../src/commands/demo/embedded-server.ts';
import { startServerProcess } from './api-server-process.ts';
import { atFileEnd } from './file-end.ts';
import { until } from './process-signals.ts';
import { compressTime, type TimeScale } from './prometheus-time.ts';
import { findPrometheus } from './prometheus.ts';

type Labels = Readonly<Record<string, string>>;

/** One process that is scraped, with the labels that a ServiceMonitor gives its series. */
export interface ScrapeTarget {
  /** `http://host:port`; its `/metrics` is read. */
  readonly url: string;
  readonly labels: Labels;
}

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export interface SampleSeries {
  readonly labels: Labels;
  /** Values in the order of time. */
  readonly values: readonly number[];
}

export interface Alert {
  readonly name: string;
  readonly state: 'pending' | 'firing';
  /** Without `alertname`. */
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Rule {
  readonly name: string;
  readonly health: string;
  readonly lastError: string | null;
  readonly query: string;
}

export interface TargetState {
  readonly labels: Labels;
  readonly health: string;
  readonly lastError: string;
}

export interface PrometheusServer {
  readonly url: string;
  /** Takes the place of all targets before; what is gone is not looked for any more, as with a pod that is gone. */
  setTargets(targets: readonly ScrapeTarget[]): Promise<void>;
  listTargets(): Promise<readonly TargetState[]>;
  /** Names of the labels of all series. */
  listLabels(): Promise<readonly string[]>;
  /** @throws with Prometheus' own words when the query cannot be evaluated */
  query(expr: string): Promise<readonly Sample[]>;
  queryRange(
    expr: string,
    range: { readonly fromMs: number; readonly toMs: number; readonly stepSeconds: number },
  ): Promise<readonly SampleSeries[]>;
  listAlerts(): Promise<readonly Alert[]>;
  listRules(): Promise<readonly Rule[]>;
}

export interface PrometheusOptions {
  /** Rule files to load. */
  readonly ruleFiles: readonly string[];
  /** How their durations are shortened. */
  readonly scale: TimeScale;
  /** A series keeps its own label where its target has one of that name; else it becomes `exported_…`. */
  readonly honorLabels: boolean;
  /** To begin with. */
  readonly targets?: readonly ScrapeTarget[];
}

/** Of scrapes and of the rules' evaluation; a scrape may take as long, on a machine that has other work too. */
const INTERVAL = '2s';
const READY_MS = 30_000;

/** A real Prometheus with a data folder of its own, ended when the calling test file ends. @throws when none is installed */
export async function startPrometheus({
  ruleFiles,
  scale,
  honorLabels,
  targets = [],
}: PrometheusOptions): Promise<PrometheusServer> {
  const program = findPrometheus();
  if (program === null) throw new Error("no Prometheus: install Debian's package prometheus");
  const dir = await mkdtemp(join(tmpdir(), 'mallsync-prometheus-'));
  const targetsFile = join(dir, 'targets.json');
  await writeTargets(targetsFile, targets);
  await mkdir(join(dir, 'rules'));
  for (const file of ruleFiles) {
    await writeFile(join(dir, 'rules', basename(file)), compressTime(await readFile(file, 'utf8'), scale));
  }
  await writeFile(join(dir, 'prometheus.yml'), stringify(buildConfig(dir, targetsFile, honorLabels)));
  const port = await findFreePort();
  const server = await startServerProcess({
    program,
    args: [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    dir,
    logFile: join(dir, 'log'),
  });
  atFileEnd(() => server.stop());
  const url = `http://127.0.0.1:${port}`;
  const isReady = async (): Promise<boolean> => {
    if (server.hasEnded()) throw new Error(`Prometheus has ended: ${await server.readTail()}`);
    return await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  };
  await until('Prometheus to be ready', isReady, READY_MS);
  return openPrometheus(url, targetsFile);
}

function buildConfig(dir: string, targetsFile: string, honorLabels: boolean): object {
  return {
    global: { scrape_interval: INTERVAL, scrape_timeout: INTERVAL, evaluation_interval: INTERVAL },
    rule_files: [join(dir, 'rules', '*.yaml')],
    scrape_configs: [
      {
        job_name: 'mallsync',
        honor_labels: honorLabels,
        file_sd_configs: [{ files: [targetsFile], refresh_interval: INTERVAL }],
      },
    ],
  };
}

/** Whole at any moment: Prometheus reads the file when it likes. */
async function writeTargets(file: string, targets: readonly ScrapeTarget[]): Promise<void> {
  const groups = targets.map(({ url, labels }) => ({ targets: [new URL(url).host], labels }));
  await writeFile(`${file}.draft`, JSON.stringify(groups));
  await rename(`${file}.draft`, file);
}

function openPrometheus(url: string, targetsFile: string): PrometheusServer {
  async function ask<Data>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<Data> {
    const answer = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
    const { status, data, error } = (await answer.json()) as Answer<Data>;
    if (status !== 'success') throw new Error(`Prometheus: ${error}: ${parameters['query'] ?? path}`);
    return data;
  }
  async function look<Data>(path: string): Promise<Data> {
    return ((await (await fetch(`${url}/api/v1/${path}`)).json()) as Answer<Data>).data;
  }
  return {
    url,
    setTargets: (targets) => writeTargets(targetsFile, targets),
    async listTargets() {
      const { activeTargets } = await look<{ readonly activeTargets: readonly TargetState[] }>('targets?state=active');
      return activeTargets;
    },
    listLabels: () => look('labels'),
    async query(query) {
      const { resultType, result } = await ask<InstantData>('query', { query });
      if (resultType === 'scalar') return [{ labels: {}, value: Number(result[1]) }];
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async queryRange(query, { fromMs, toMs, stepSeconds }) {
      const range = { start: String(fromMs / 1_000), end: String(toMs / 1_000), step: String(stepSeconds) };
      const { result } = await ask<{ readonly result: readonly RawSeries[] }>('query_range', { query, ...range });
      return result.map(({ metric, values }) => ({ labels: metric, values: values.map(([, text]) => Number(text)) }));
    },
    async listAlerts() {
      const { alerts } = await look<{ readonly alerts: readonly Omit<Alert, 'name'>[] }>('alerts');
      return alerts.map(({ labels, ...alert }) => {
        const { alertname = '', ...others } = labels;
        return { ...alert, name: alertname, labels: others };
      });
    },
    async listRules() {
      const { groups } = await look<{ readonly groups: readonly { readonly rules: readonly Rule[] }[] }>('rules');
      return groups.flatMap(({ rules }) => rules.map((rule) => ({ ...rule, lastError: rule.lastError ?? null })));
    },
  };
}

interface Answer<Data> {
  readonly status: string;
  readonly data: Data;
  readonly error?: string;
}

type InstantData =
  | { readonly resultType: 'scalar'; readonly result: readonly [number, string] }
  | {
      readonly resultType: 'vector';
      readonly result: readonly { readonly metric: Labels; readonly value: readonly [number, string] }[];
    };

interface RawSeries {
  readonly metric: Labels;
  readonly values: readonly (readonly [number, string])[];
}
