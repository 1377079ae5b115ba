import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { buildDashboard, type Section } from './dashboard.ts';
import { MALL_BUDGET, MALL_COVERAGE, MALL_RUNS } from './mall-history.ts';
import { fleet } from './expressions.ts';
import { graphPanel } from './graph-panels.ts';
import { MALL_LINK, THIS_MALL_LINK } from './links.ts';
import { MALL_FACTS } from './mall-sql.ts';
import { COLOUR } from './palette.ts';
import { graph, now, sql } from './queries.ts';
import { table } from './table-panel.ts';
import { bars, stat } from './value-panels.ts';
import { datasource, domain, mall, namespace, page, postgres, schema } from './variables.ts';

const OF_MALL = ['mall_id="$mall"'];
const OF_MALL_BY_DOMAIN = { labels: ['mall_id', 'domain'], matchers: [...OF_MALL, 'domain=~"$domain"'] };
const NO_SERIES = 'The mall has none of these, or the series a mall are switched off';
const PERIOD_END = fleet('mall_last_complete_period_end_timestamp_seconds', OF_MALL_BY_DOMAIN);
const TOKEN_END = fleet('token_expiry_timestamp_seconds', { labels: ['mall_id'], matchers: OF_MALL });
const MISSING = fleet('mall_missing_nights', {
  ...OF_MALL_BY_DOMAIN,
  labels: ['mall_id', 'domain', 'reason'],
});
const DAY = 86_400;

const STATE: Section = {
  title: 'How it stands',
  panels: [
    table({
      title: 'The mall',
      about:
        'Who it is and how its consent stands. Bad is any consent but ACTIVE: it is not read until someone authorizes it again.',
      unit: 'none',
      queries: [sql(MALL_FACTS)],
      columns: [
        { name: 'mall', width: 90, links: [MALL_LINK] },
        { name: 'consent', states: ['ACTIVE', 'NEEDS_CONSENT', 'UNINSTALLED'] },
        { name: 'until', unit: 'dateTimeAsLocal' },
        { name: 'refreshed', unit: 'dateTimeAsLocal' },
        { name: 'since', unit: 'dateTimeAsLocal' },
      ],
      width: 24,
      height: 4,
      noData: 'No mall of this number',
      links: [THIS_MALL_LINK],
    }),
    stat({
      title: 'Complete until',
      about: 'The end of the last complete period, by domain type. Bad is a day before yesterday’s end.',
      unit: 'dateTimeAsLocal',
      queries: [now(`1000 * ${PERIOD_END}`, '{{domain}}')],
      width: 9,
      height: 6,
      noData: NO_SERIES,
    }),
    bars({
      title: 'Missing days of the mall',
      about:
        'Days of the last 31 that no complete run covers, by domain type and what the newest run failed for. Bad is any.',
      unit: 'short',
      queries: [now(`max by (domain, reason) (${MISSING})`, '{{domain}} {{reason}}')],
      width: 9,
      height: 6,
      noData: 'No day is missing',
      links: [THIS_MALL_LINK],
    }),
    stat({
      title: 'Consent left',
      about: 'Until the refresh token runs out. Each night’s run renews it; bad is under three days.',
      unit: 's',
      queries: [now(`max(${TOKEN_END}) - time()`)],
      steps: [COLOUR.failed, [3 * DAY, COLOUR.late], [7 * DAY, COLOUR.done]],
      width: 6,
      height: 6,
      noData: NO_SERIES,
    }),
    graphPanel({
      title: 'Age of the last complete period',
      about:
        'How old the newest complete data is, by domain type, and the target. It falls once a night; bad is a line above the target.',
      unit: 's',
      queries: [
        graph(`time() - max by (domain) (${PERIOD_END})`, '{{domain}}'),
        graph(`max(${fleet('freshness_target_seconds', { labels: [] })})`, 'target'),
      ],
      width: 24,
      height: 7,
      noData: NO_SERIES,
    }),
  ],
};

export function buildMallDashboard(): Dashboard {
  return buildDashboard({
    uid: 'mallsync-mall',
    title: 'mallsync / Mall',
    about: 'One mall: what it has, what it lacks, its runs, errors, calls and consent.',
    variables: [datasource, postgres, namespace, mall, domain, page, schema],
    from: 'now-14d',
    refresh: '5m',
    sections: [STATE, MALL_COVERAGE, MALL_RUNS, MALL_BUDGET],
  });
}
