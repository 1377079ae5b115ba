import { createControllerMetrics } from '../adapters/telemetry/controller-metrics.ts';
import { listFleetMetrics, listMetrics, type ListedMetric } from '../adapters/telemetry/metric-list.ts';
import { createPageMetrics } from '../adapters/telemetry/page-metrics.ts';
import type { ProcessMetricsOptions, ProcessName } from '../adapters/telemetry/process-metrics.ts';
import { createServeMetrics } from '../adapters/telemetry/serve-metrics.ts';
import { systemClock } from '../domain/clock.ts';
import { LOOPS } from './controller/term.ts';

interface Source {
  readonly process: string;
  readonly metrics: readonly ListedMetric[];
}

/** The table of all metrics of all processes, from the registries that render them. */
export async function renderMetricsTable(): Promise<string> {
  const byName = Map.groupBy(
    (await listSources()).flatMap(({ process, metrics }) => metrics.map((metric) => ({ process, metric }))),
    ({ metric }) => metric.name,
  );
  const lines = [...byName]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, found]) => {
      const metric = found[0]?.metric;
      if (metric === undefined) return [];
      const processes = found.map(({ process }) => process).join(', ');
      const labels = metric.labels.map((label) => `\`${label}\``).join(', ');
      return [`| \`${name}\` | ${metric.type} | ${labels} | ${metric.help} | ${processes} |`];
    });
  return ['| metric | type | labels | meaning | process |', '| --- | --- | --- | --- | --- |', ...lines].join('\n');
}

async function listSources(): Promise<readonly Source[]> {
  const controller = createControllerMetrics({
    controllers: LOOPS,
    leaseName: 'mallsync-controller',
    process: describeProcess('controller'),
  });
  const own: readonly Source[] = [
    { process: 'controller', metrics: await listMetrics(controller.registry) },
    { process: 'serve', metrics: await listMetrics(createServeMetrics(describeProcess('serve')).registry) },
    { process: 'admin', metrics: await listMetrics(createPageMetrics(describeProcess('admin')).registry) },
  ];
  const ofPage = new Set((await listMetrics(createPageMetrics(null).registry)).map(({ name }) => name));
  return [
    { process: 'leader', metrics: await listFleetMetrics() },
    { process: 'serve', metrics: await listFleetMetrics() },
    ...own,
    { process: 'serve', metrics: (own[2]?.metrics ?? []).filter(({ name }) => ofPage.has(name)) },
  ];
}

function describeProcess(process: ProcessName): ProcessMetricsOptions {
  return { version: '', process, clock: systemClock, askDatabase: () => Promise.resolve() };
}
