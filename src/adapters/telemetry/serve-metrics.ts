import { Registry } from 'prom-client';
import { createFleetRenderer, type LoadFleet } from './fleet-metrics.ts';
import type { PageMetrics } from './page-metrics.ts';
import { registerProcessMetrics, type ProcessMetricsOptions } from './process-metrics.ts';

/** The series of a process that works for the fleet without a cluster; one object a process. */
export interface ServeMetrics {
  /** Of all that are its own. */
  readonly registry: Registry;
  /** With the fleet's series, as far as they can be read, and those of the page that it serves. */
  render(
    loadFleet: LoadFleet,
    page: PageMetrics | null,
  ): Promise<{ readonly contentType: string; readonly text: string }>;
}

export function createServeMetrics(process: ProcessMetricsOptions): ServeMetrics {
  const registry = new Registry();
  registerProcessMetrics(registry, process);
  const renderFleet = createFleetRenderer(registry);
  return {
    registry,
    async render(loadFleet, page) {
      const fleet = await renderFleet(loadFleet);
      const ofPage = page === null ? '' : (await page.render()).text;
      return { contentType: registry.contentType, text: (await registry.metrics()) + ofPage + fleet };
    },
  };
}
