import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ScrapeTarget } from '../../support/prometheus-server.ts';

const RULES = fileURLToPath(new URL('../../../charts/mallsync/rules', import.meta.url));
const MONITORS = fileURLToPath(new URL('../../../charts/mallsync/templates/monitoring.yaml', import.meta.url));

export async function listRuleFiles(): Promise<readonly string[]> {
  return (await readdir(RULES)).filter((name) => name.endsWith('.yaml')).map((name) => join(RULES, name));
}

/** Whether a series keeps its own label where the target has one of that name, by the chart's ServiceMonitor. */
export async function readHonorLabels(): Promise<boolean> {
  return /^ +honorLabels: true$/m.test(await readFile(MONITORS, 'utf8'));
}

export interface TargetPod {
  readonly namespace: string;
  readonly pod: string;
  readonly component: 'controller' | 'admin';
}

/** With the labels that the chart's ServiceMonitor gives the series of a pod. */
export function toTarget(url: string, { namespace, pod, component }: TargetPod): ScrapeTarget {
  const service = `mallsync-${component}`;
  return { url, labels: { job: service, namespace, pod, service, container: component, endpoint: 'metrics' } };
}
