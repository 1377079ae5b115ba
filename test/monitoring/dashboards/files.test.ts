import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PAGE } from '../../../charts/monitoring/dashboards/variables.ts';
import { renderDashboards } from '../../../charts/monitoring/dashboards/render-dashboards.ts';
import {
  listPanelQueries,
  listPanels,
  MAIN_PANELS,
  readDashboards,
  type DashboardFile,
  type DashboardPanel,
} from '../../support/dashboard-queries.ts';

const ROOT = new URL('../../../', import.meta.url);
const DASHBOARDS = readDashboards();
const PANELS = DASHBOARDS.flatMap((dashboard) =>
  listPanels(dashboard).map((panel): [string, DashboardPanel] => [`${dashboard.uid}: ${panel.title}`, panel]),
);

/** Kinds of panels that Grafana no longer makes. */
const DEPRECATED = ['graph', 'singlestat', 'table-old', 'grafana-piechart-panel', 'grafana-worldmap-panel'];
const UNITS = new Set<unknown>(Object.values(units));
const LARGEST_CONFIG_MAP = 1_048_576;

interface FieldConfig {
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly overrides: readonly { readonly properties: readonly { readonly id: string; readonly value?: unknown }[] }[];
}

/** Of all values, and of columns that have one of their own. */
function listUnits(panel: DashboardPanel): readonly unknown[] {
  const { defaults, overrides } = panel['fieldConfig'] as FieldConfig;
  const ofColumns = overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === 'unit'));
  return [defaults['unit'], ...ofColumns.map(({ value }) => value)];
}

function listTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(listTexts);
}

function listLinks(dashboard: DashboardFile): readonly string[] {
  return listTexts(dashboard).filter((text) => text.includes('${page'));
}

describe('the files', () => {
  it.each([...renderDashboards()])('%s is what the builders make', async (path, text) => {
    expect(await readFile(fileURLToPath(new URL(path, ROOT)), 'utf8')).toBe(text);
    expect(text.length).toBeLessThan(LARGEST_CONFIG_MAP);
  });

  it('are the four, each with its own address and title', () => {
    expect(DASHBOARDS.map(({ uid }) => uid)).toEqual([
      'mallsync-controller',
      'mallsync-fleet',
      'mallsync-mall',
      'mallsync-runs',
    ]);
    expect(new Set(DASHBOARDS.map(({ title }) => title)).size).toBe(4);
  });

  it('hold the page’s default address once each, where the chart puts another', () => {
    for (const dashboard of DASHBOARDS) {
      const places = listTexts(dashboard).filter((text) => text.includes(DEFAULT_PAGE));
      expect(new Set(places)).toEqual(new Set([DEFAULT_PAGE]));
    }
  });
});

describe.each(DASHBOARDS.map((dashboard) => [dashboard.uid, dashboard] as const))('%s', (_uid, dashboard) => {
  it('opens in Seoul’s time on a time range of its own, and is refreshed', () => {
    expect(dashboard).toMatchObject({
      timezone: 'Asia/Seoul',
      time: { from: expect.stringMatching(/^now-\d+[hd]$/) as unknown, to: 'now' },
      refresh: expect.stringMatching(/^\d+m$/) as unknown,
      tags: ['mallsync'],
      graphTooltip: 1,
    });
    expect(String(dashboard['description'])).not.toBe('');
  });

  it('links to the other dashboards and to the page', () => {
    const links = dashboard['links'] as readonly Readonly<Record<string, unknown>>[];
    expect(links).toEqual([
      expect.objectContaining({ type: 'dashboards', tags: ['mallsync'], includeVars: true, keepTime: true }),
      expect.objectContaining({ type: 'link', url: '${page}', targetBlank: true }),
    ]);
    expect(listLinks(dashboard).length).toBeGreaterThan(1);
  });

  it('gives every panel a number and a title of its own', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const titles = dashboard.panels.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('lays its panels out without gaps or overlaps at their left', () => {
    const cells = new Map<string, string>();
    for (const { title, gridPos } of dashboard.panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1) {
        for (let row = y; row < y + h; row += 1) {
          expect(cells.get(`${column},${row}`), `${title} lies on another`).toBeUndefined();
          cells.set(`${column},${row}`, title);
        }
      }
    }
    const rows = dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h);
    for (let row = 0; row < Math.max(...rows); row += 1) expect(cells.has(`0,${row}`), `line ${row}`).toBe(true);
  });

  it('names only variables that it has', () => {
    const list = dashboard.templating.list as readonly { readonly name: string }[];
    const known = new Set(list.map(({ name }) => name));
    const used = listTexts(dashboard).flatMap((text) =>
      [...text.matchAll(/\$\{?([A-Za-z]\w*)/g)].map(([, name = '']) => name),
    );
    expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([]);
    expect([...known].filter((name) => !used.includes(name))).toEqual([]);
  });
});

describe.each(PANELS)('%s', (_name, panel) => {
  const { defaults } = panel['fieldConfig'] as FieldConfig;
  const targets = panel.targets ?? [];

  it('says what it means and what is bad, in which unit, and what no data means', () => {
    expect(panel.description?.length).toBeGreaterThan(30);
    expect(panel.description).toMatch(/\.$/);
    expect(listUnits(panel).filter((unit) => !UNITS.has(unit))).toEqual([]);
    expect(defaults['unit']).toBeDefined();
    expect(String(defaults['noValue']).length).toBeGreaterThan(5);
    expect(DEPRECATED).not.toContain(panel.type);
  });

  it('asks a data source that can be chosen', () => {
    const uids = { prometheus: '${datasource}', 'grafana-postgresql-datasource': '${postgres}' };
    expect(targets.length).toBeGreaterThan(0);
    for (const { datasource } of targets) {
      const { type, uid } = datasource as unknown as { readonly type: keyof typeof uids; readonly uid: string };
      expect(uid).toBe(uids[type]);
    }
    expect(panel['datasource']).toEqual(targets[0]?.datasource);
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });
});

describe('the support of other tests', () => {
  it('names main panels that exist', () => {
    const named = listPanelQueries().map(({ dashboard, panel }) => `${dashboard}: ${panel}`);
    expect(MAIN_PANELS.filter(({ dashboard, panel }) => !named.includes(`${dashboard}: ${panel}`))).toEqual([]);
  });

  it('finds an expression in every query', () => {
    expect(listPanelQueries().filter(({ expr }) => expr === '')).toEqual([]);
  });
});
