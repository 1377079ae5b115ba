import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
  type Dashboard,
  type DashboardLink,
  type Panel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';

const TAG = 'mallsync';
const COLUMNS = 24;

export interface SizedPanel extends Builder<Panel> {
  id(id: number): this;
  gridPos(position: { x: number; y: number; w: number; h: number }): this;
}

export interface Section {
  readonly title: string;
  /** From left to right; a panel that does not fit begins a new line. */
  readonly panels: readonly SizedPanel[];
}

export interface DashboardOptions {
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly variables: readonly Builder<VariableModel>[];
  /** How far back it looks at first, like `now-24h`. */
  readonly from: string;
  readonly refresh: string;
  readonly sections: readonly Section[];
}

/** One dashboard of the four, which all link to one another and to the operator’s page. */
export function buildDashboard(options: DashboardOptions): Dashboard {
  const builder = new DashboardBuilder(options.title)
    .uid(options.uid)
    .description(options.about)
    .tags([TAG])
    .timezone('Asia/Seoul')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: options.from, to: 'now' })
    .refresh(options.refresh)
    .variables([...options.variables])
    .annotations([])
    .links([
      new DashboardLinkBuilder('Dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
      new DashboardLinkBuilder('Operator’s page')
        .type(DashboardLinkType.Link)
        .icon('external link')
        .url('${page}')
        .targetBlank(true),
    ]);
  let y = 0;
  for (const [index, section] of options.sections.entries()) {
    const row = 100 * (index + 1);
    builder.withRow(new RowBuilder(section.title).id(row).gridPos({ x: 0, y, w: COLUMNS, h: 1 }));
    y = placePanels(section.panels, row, y + 1, (panel) => void builder.withPanel(panel));
  }
  const dashboard = builder.build();
  return { ...dashboard, links: dashboard.links?.map(stayInSight) ?? [] };
}

/** The builder would put links into a menu. */
function stayInSight(link: DashboardLink): DashboardLink {
  const shown = { ...link };
  delete shown.placement;
  return shown;
}

/** @returns the first free line below */
function placePanels(
  panels: readonly SizedPanel[],
  row: number,
  top: number,
  add: (panel: SizedPanel) => void,
): number {
  let [x, y, lowest] = [0, top, top];
  for (const [index, panel] of panels.entries()) {
    const { w, h } = panel.build().gridPos ?? { w: COLUMNS, h: 1 };
    if (x + w > COLUMNS) [x, y] = [0, lowest];
    add(panel.id(row + index + 1).gridPos({ x, y, w, h }));
    x += w;
    lowest = Math.max(lowest, y + h);
  }
  return lowest;
}
