import { Gauge, Registry } from 'prom-client';
import { registerApiMetrics, type ApiObserver } from './controller-metrics-api.ts';
import { registerCacheMetrics, type CacheState } from './controller-metrics-cache.ts';
import { registerWorkMetrics, type WorkMetrics } from './controller-metrics-work.ts';
import { createFleetRenderer, type LoadFleet } from './fleet-metrics.ts';
import { registerProcessMetrics, type ProcessMetricsOptions } from './process-metrics.ts';

export interface ControllerMetricsOptions {
  /** The names of the queues, which are those of their controllers. */
  readonly controllers: readonly string[];
  readonly leaseName: string;
  readonly process: ProcessMetricsOptions;
}

/** The controller process's own series; one object a process. */
export interface ControllerMetrics {
  /** Of all of its series. */
  readonly registry: Registry;
  readonly api: ApiObserver;
  /** @param controller one of those it was made for */
  work(controller: string): WorkMetrics;
  /** Where to read how long the keys of that controller have been with workers. */
  trackWork(controller: string, readWorkMs: () => readonly number[]): void;
  trackCaches(readCaches: () => readonly CacheState[]): void;
  /** @param epoch of the term that begins; null when there is none */
  noteTerm(epoch: number | null): void;
  /**
   * All series as Prometheus reads them.
   * @param loadFleet null in a process that does not lead: the fleet's series are the leader's alone. Where it rejects,
   *   the process's own series still come, and the failure is counted
   */
  render(loadFleet: LoadFleet | null): Promise<{ readonly contentType: string; readonly text: string }>;
}

export function createControllerMetrics({
  controllers,
  leaseName,
  process,
}: ControllerMetricsOptions): ControllerMetrics {
  const registry = new Registry();
  const workReaders = new Map<string, () => readonly number[]>();
  let readCaches: (() => readonly CacheState[]) | null = null;
  registerProcessMetrics(registry, process);
  const work = registerWorkMetrics(registry, controllers, (name) => workReaders.get(name)?.() ?? []);
  registerCacheMetrics(registry, () => readCaches?.() ?? []);
  const noteTerm = registerLeaderMetrics(registry, leaseName);
  const renderFleet = createFleetRenderer(registry);
  return {
    registry,
    api: registerApiMetrics(registry),
    work,
    trackWork: (controller, read) => void workReaders.set(controller, read),
    trackCaches(read) {
      readCaches = read;
    },
    noteTerm,
    async render(loadFleet) {
      const fleet = loadFleet === null ? '' : await renderFleet(loadFleet);
      return { contentType: registry.contentType, text: (await registry.metrics()) + fleet };
    },
  };
}

function registerLeaderMetrics(registry: Registry, leaseName: string): (epoch: number | null) => void {
  const status = new Gauge({
    name: 'leader_election_master_status',
    help: 'Whether this process leads, by lease',
    labelNames: ['name'],
    registers: [registry],
  });
  const term = new Gauge({
    name: 'mallsync_leader_epoch',
    help: 'The epoch of this process’s term; 0 when it does not lead',
    registers: [registry],
  });
  const note = (epoch: number | null): void => {
    status.set({ name: leaseName }, epoch === null ? 0 : 1);
    term.set(epoch ?? 0);
  };
  note(null);
  return note;
}
