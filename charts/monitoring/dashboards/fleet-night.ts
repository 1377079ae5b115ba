import { fleet, sumOf } from './expressions.ts';
import {
  MALL_LINK,
  COVERAGE_LINK,
  LATE_MALLS_LINK,
  NOW_LINK,
  REASON_LINK,
  UNMENDED_LINK,
  toMallDashboard,
} from './links.ts';
import { COLOUR, NONE_IS_BEST, NONE_IS_GOOD } from './palette.ts';
import { graphPanel, heat } from './graph-panels.ts';
import type { PanelOptions } from './panels.ts';
import { buckets, graph, now, rows } from './queries.ts';
import { table } from './table-panel.ts';
import { bars, stat } from './value-panels.ts';
import type { Section } from './dashboard.ts';
import { BY_DOMAIN } from './expressions.ts';
import { DOMAIN_TYPES, type DomainType } from '../../../src/domain/domain-type.ts';

const NOBODY = 'No leader and no serve process tells of the fleet';
const STATES = ['done', 'failed', 'waiting', 'running'] as const;
const nightMalls = fleet('night_malls', { labels: ['state'] });

export const NIGHT: Section = {
  title: 'Last night',
  panels: [
    stat({
      title: 'Malls of the night',
      about:
        'Malls by how their last night stands, each counted once: done when all of its domain types are, failed when one has failed or was stopped. Failed ones need a look; waiting and running ones only after the deadline.',
      unit: 'short',
      queries: [now(sumOf(nightMalls, ['state']), '{{state}}')],
      series: STATES,
      width: 12,
      height: 5,
      noData: NOBODY,
      links: [UNMENDED_LINK],
    }),
    stat({
      title: 'Complete',
      about: 'The share of the night’s malls that is done. Bad is less than all of them after the deadline.',
      unit: 'percentunit',
      queries: [
        now(`${sumOf(fleet('night_malls', { labels: ['state'], matchers: ['state="done"'] }))} / ${sumOf(nightMalls)}`),
      ],
      steps: [COLOUR.failed, [0.9, COLOUR.late], [1, COLOUR.done]],
      width: 3,
      height: 5,
      noData: NOBODY,
    }),
    stat({
      title: 'Late malls',
      about: 'Malls that still wait or run although the deadline has passed. Bad is any.',
      unit: 'short',
      queries: [now(sumOf(fleet('night_late_malls', { labels: [] })))],
      steps: NONE_IS_GOOD,
      width: 3,
      height: 5,
      noData: NOBODY,
      links: [NOW_LINK],
    }),
    stat({
      title: 'Day that was read',
      about: 'The end of the day that last night read, in Seoul: midnight of today. Bad is an older one.',
      unit: 'dateTimeAsLocal',
      queries: [now(`1000 * max(${fleet('night_end_timestamp_seconds', { labels: [] })})`)],
      width: 3,
      height: 5,
      noData: NOBODY,
    }),
    stat({
      title: 'Deadline',
      about: 'By when the night has to be complete: the setting nightDeadline. What is not done by then is late.',
      unit: 'dateTimeAsLocal',
      queries: [now(`1000 * max(${fleet('night_deadline_timestamp_seconds', { labels: [] })})`)],
      width: 3,
      height: 5,
      noData: NOBODY,
    }),
    bars({
      title: 'Failed malls by reason',
      about:
        'Malls of last night by what they failed for; a mall that failed for two reasons counts in both. Each word has its advice on the page. Bad is any.',
      unit: 'short',
      queries: [
        now(`sort_desc(${sumOf(fleet('night_failed_malls', { labels: ['reason'] }), ['reason'])} > 0)`, '{{reason}}'),
      ],
      width: 12,
      height: 8,
      noData: 'No mall failed',
      dataLinks: [REASON_LINK],
    }),
    table({
      title: 'Runs of the night',
      about: 'Last night’s runs by domain type and state. Bad is failed and stopped; rejects are rows to look at.',
      unit: 'short',
      queries: [rows(sumOf(fleet('night_runs', { ...BY_DOMAIN, labels: ['domain', 'state'] }), ['domain', 'state']))],
      reshape: { id: 'groupingToMatrix', options: { rowField: 'domain', columnField: 'state', valueField: 'Value' } },
      columns: [
        { name: 'failed', steps: NONE_IS_GOOD },
        { name: 'stopped', steps: NONE_IS_BEST },
        { name: 'done_with_rejects', steps: NONE_IS_BEST },
        { name: 'done', steps: [COLOUR.done] },
      ],
      width: 12,
      height: 8,
      noData: NOBODY,
      links: [UNMENDED_LINK],
    }),
  ],
};

const HOUR = 3_600;
/** In hours: a day, the default target, then by days. */
const AGES = [24, 30, 48, 72, 96, 168, 336];
const NO_MALL_SERIES = 'No mall has data yet, or the series a mall are switched off';

/** Malls whose age is at most each bound, as the buckets of a histogram are. */
function buildAgeBuckets(domain: DomainType): string {
  const age = `(time() - ${fleet('mall_last_complete_period_end_timestamp_seconds', { labels: ['mall_id', 'domain'], matchers: [`domain="${domain}"`] })})`;
  const bounded = AGES.map((hours) => [String(hours * HOUR), `sum(${age} <= bool ${hours * HOUR})`] as const);
  return [...bounded, ['+Inf', `count(${age})`] as const]
    .map(([le, count]) => `label_replace(${count}, "le", "${le}", "", "")`)
    .join(' or ');
}

function freshness(domain: DomainType): ReturnType<typeof heat> {
  const about =
    'Active malls by the age of their last complete period. A healthy fleet moves from the second row to the first each night; bad is what stays in rows above 30 hours. A mall that was never read is not here but among the stale ones.';
  const options: PanelOptions = {
    title: `Freshness of ${domain}`,
    about,
    unit: 'short',
    queries: [buckets(buildAgeBuckets(domain))],
    width: 8,
    height: 8,
    noData: NO_MALL_SERIES,
    links: [LATE_MALLS_LINK],
  };
  return heat({ ...options, scheme: 'Oranges', axisUnit: 's', columns: 96 });
}

export const FRESHNESS: Section = {
  title: 'Freshness',
  panels: [
    ...DOMAIN_TYPES.map(freshness),
    graphPanel({
      title: 'Stale malls',
      about:
        'Active malls whose last complete period ended longer ago than the target (setting freshnessTargetHours); one that was never read counts from when it was added. Bad is any.',
      unit: 'short',
      queries: [graph(sumOf(fleet('stale_malls', BY_DOMAIN), ['domain']), '{{domain}}')],
      width: 8,
      height: 9,
      noData: NOBODY,
      links: [LATE_MALLS_LINK],
    }),
    graphPanel({
      title: 'Missing days',
      about:
        'Days of the last 31 that no complete run covers although their night’s deadline has passed, over all active malls. Catch-up reads some each night; bad is a number that grows.',
      unit: 'short',
      queries: [graph(sumOf(fleet('missing_nights', BY_DOMAIN), ['domain']), '{{domain}}')],
      width: 8,
      height: 9,
      noData: NOBODY,
    }),
    table({
      title: 'Malls that miss days',
      about:
        'The malls with the most missing days and what their newest run failed for; NotRead where none failed. The page tells what to do about each.',
      unit: 'short',
      queries: [
        rows(`sort_desc(${fleet('mall_missing_nights', { ...BY_DOMAIN, labels: ['mall_id', 'domain', 'reason'] })})`),
      ],
      columns: [
        {
          name: 'Mall',
          from: 'mall_id',
          width: 90,
          links: [MALL_LINK, toMallDashboard('datasource', 'namespace', 'page')],
        },
        { name: 'Domain type', from: 'domain', width: 120, links: [COVERAGE_LINK] },
        { name: 'Reason', from: 'reason' },
        { name: 'Missing days', from: 'Value', width: 120, steps: [COLOUR.late, [3, COLOUR.failed]] },
      ],
      sortBy: { name: 'Missing days', isFalling: true },
      width: 8,
      height: 9,
      noData: 'No mall misses a day, or the series a mall are switched off',
    }),
  ],
};
