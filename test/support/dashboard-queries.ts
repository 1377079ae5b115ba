import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One query of one panel, as it stands in the dashboard's file. */
export interface PanelQuery {
  /** `uid` of the dashboard. */
  readonly dashboard: string;
  /** Title of the panel; unique within its dashboard. */
  readonly panel: string;
  readonly refId: string;
  readonly kind: 'prometheus' | 'postgres';
  readonly expr: string;
  /** Whether Grafana asks for one moment instead of a range; true for PostgreSQL. */
  readonly isInstant: boolean;
}

/** What Grafana puts in the place of variables and macros. */
export interface FillValues {
  readonly fromMs: number;
  readonly toMs: number;
  /** The resolution of a graph. */
  readonly stepSeconds: number;
  /** By name. One that many can be chosen of has an array. */
  readonly variables: Readonly<Record<string, string | readonly string[]>>;
}

/** The choice that a dashboard opens with; `mall` and `page` have to be given. */
export const DEFAULT_VARIABLES = {
  namespace: '.*',
  domain: ['MEMBER', 'ORDER', 'SALES'],
} as const satisfies FillValues['variables'];

/** The panels that are worth a picture. */
export const MAIN_PANELS: readonly Pick<PanelQuery, 'dashboard' | 'panel'>[] = [
  { dashboard: 'mallsync-fleet', panel: 'Malls of the night' },
  { dashboard: 'mallsync-fleet', panel: 'Failed malls by reason' },
  { dashboard: 'mallsync-fleet', panel: 'Stale malls' },
  { dashboard: 'mallsync-fleet', panel: 'Runs by reason' },
  { dashboard: 'mallsync-fleet', panel: 'Rows per second' },
  { dashboard: 'mallsync-fleet', panel: 'Calls to Cafe24' },
  { dashboard: 'mallsync-fleet', panel: 'Jobs' },
  { dashboard: 'mallsync-controller', panel: 'Looks by result' },
];

const FOLDER = new URL('../../charts/mallsync/dashboards/', import.meta.url);

interface Target {
  readonly refId: string;
  readonly datasource: { readonly type: string };
  readonly expr?: string;
  readonly rawSql?: string;
  readonly instant?: boolean;
}

/** What the tests need of a dashboard's file. */
export interface DashboardFile {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly DashboardPanel[];
  readonly templating: { readonly list: readonly Readonly<Record<string, unknown>>[] };
  readonly [field: string]: unknown;
}

export interface DashboardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly panels?: readonly DashboardPanel[];
  readonly targets?: readonly Target[];
  readonly [field: string]: unknown;
}

export function readDashboards(): readonly DashboardFile[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(fileURLToPath(new URL(name, FOLDER)), 'utf8')) as DashboardFile);
}

/** Rows stand for the panels that they hold. */
export function listPanels({ panels }: Pick<DashboardFile, 'panels'>): readonly DashboardPanel[] {
  return panels.flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));
}

export function listPanelQueries(): readonly PanelQuery[] {
  return readDashboards().flatMap((dashboard) =>
    listPanels(dashboard).flatMap(({ title, targets = [] }) =>
      targets.map((target): PanelQuery => {
        const isPostgres = target.datasource.type !== 'prometheus';
        return {
          dashboard: dashboard.uid,
          panel: title,
          refId: target.refId,
          kind: isPostgres ? 'postgres' : 'prometheus',
          expr: (isPostgres ? target.rawSql : target.expr) ?? '',
          isInstant: isPostgres || target.instant === true,
        };
      }),
    ),
  );
}

/** @throws Error for a variable or macro that has no value */
export function fillVariables(expr: string, values: FillValues): string {
  return expr
    .replaceAll(/\$__(\w+)\(([^()]*)\)/g, (_, macro: string, argument: string) => fillMacro(macro, argument, values))
    .replaceAll(
      /\$\{(\w+)(?::(\w+))?\}|\$([A-Za-z_]\w*)/g,
      (_, braced: string | undefined, format: string | undefined, bare: string | undefined) =>
        fillVariable(braced ?? bare ?? '', format, values),
    );
}

function fillMacro(macro: string, column: string, { fromMs, toMs }: FillValues): string {
  const [from, to] = [toSqlTime(fromMs), toSqlTime(toMs)];
  switch (macro) {
    case 'timeFilter':
      return `${column} BETWEEN ${from} AND ${to}`;
    case 'timeFrom':
      return from;
    case 'timeTo':
      return to;
    default:
      throw new Error(`there is no macro $__${macro}`);
  }
}

function toSqlTime(ms: number): string {
  return `'${new Date(ms).toISOString()}'`;
}

/** Grafana's least rate interval: four scrapes of 15 s. */
const LEAST_RATE_SECONDS = 60;
const SCRAPE_SECONDS = 15;

function fillVariable(name: string, format: string | undefined, values: FillValues): string {
  const { stepSeconds, fromMs, toMs, variables } = values;
  switch (name) {
    case '__interval':
      return `${stepSeconds}s`;
    case '__rate_interval':
      return `${Math.max(stepSeconds + SCRAPE_SECONDS, LEAST_RATE_SECONDS)}s`;
    case '__range':
      return `${Math.round((toMs - fromMs) / 1_000)}s`;
    default:
  }
  const value = variables[name];
  if (value === undefined) throw new Error(`the variable ${name} has no value`);
  const all = typeof value === 'string' ? [value] : value;
  if (format === 'sqlstring') return all.map((each) => `'${each.replaceAll("'", "''")}'`).join(',');
  if (format !== undefined) throw new Error(`the format ${format} of ${name} is not known`);
  return typeof value === 'string' ? value : `(${all.join('|')})`;
}
