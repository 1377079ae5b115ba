import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { buildControllerDashboard } from './controller-dashboard.ts';
import { buildFleetDashboard } from './fleet-dashboard.ts';
import { buildMallDashboard } from './mall-dashboard.ts';
import { buildRunsDashboard } from './runs-dashboard.ts';

const FOLDER = 'charts/mallsync/dashboards';

/** The dashboards as Grafana reads them, by their path in the repository. */
export function renderDashboards(): ReadonlyMap<string, string> {
  const dashboards: Readonly<Record<string, () => Dashboard>> = {
    fleet: buildFleetDashboard,
    mall: buildMallDashboard,
    controller: buildControllerDashboard,
    runs: buildRunsDashboard,
  };
  return new Map(
    Object.entries(dashboards).map(([name, build]) => [
      `${FOLDER}/${name}.json`,
      `${JSON.stringify(build(), null, 2)}\n`,
    ]),
  );
}
