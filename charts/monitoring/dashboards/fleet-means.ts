import { fleet, fleetQuantile, sumOf } from './expressions.ts';
import { graphPanel } from './graph-panels.ts';
import { MALLS_LINK, NOW_LINK, REQUESTS_LINK } from './links.ts';
import { NONE_IS_BEST, NONE_IS_GOOD } from './palette.ts';
import { graph, now } from './queries.ts';
import { stat } from './value-panels.ts';
import type { Section } from './dashboard.ts';

const NOBODY = 'No leader and no serve process tells of the fleet';
const THIRD = { width: 8, height: 8, noData: NOBODY } as const;
/** Beside a narrow number. */
const WORK = { ...THIRD, width: 7 } as const;
const JOB_START = { labels: [] };

export const QUEUE: Section = {
  title: 'Queue',
  panels: [
    graphPanel({
      ...WORK,
      title: 'Jobs',
      about:
        'Executions under way, and those that are requested or wait for a limit. Bad is waiting ones while none is active.',
      unit: 'short',
      queries: [
        graph(sumOf(fleet('jobs_active', { labels: [] })), 'running'),
        graph(sumOf(fleet('jobs_waiting', { labels: [] })), 'waiting'),
      ],
      series: ['running', 'waiting'],
      links: [NOW_LINK],
    }),
    graphPanel({
      ...WORK,
      title: 'From a Job’s creation to its start',
      about:
        'How long Jobs wait for a node and an image. Bad is minutes: no room in the cluster, or an image that cannot be pulled.',
      unit: 's',
      queries: [
        graph(fleetQuantile(0.5, 'job_create_to_start_seconds', JOB_START, []), 'p50'),
        graph(fleetQuantile(0.95, 'job_create_to_start_seconds', JOB_START, []), 'p95'),
      ],
      noData: 'No Job was started in this time',
    }),
    graphPanel({
      ...WORK,
      title: 'Open retry requests',
      about:
        'Requests to run again that wait to be taken up, and those that are under way. Bad is pending for minutes: no controller and no serve takes them.',
      unit: 'short',
      queries: [
        graph(
          sumOf(fleet('retry_requests', { labels: ['state'], matchers: ['state=~"pending|accepted"'] }), ['state']),
          '{{state}}',
        ),
      ],
      series: ['pending', 'accepted'],
      links: [REQUESTS_LINK],
    }),
    stat({
      title: 'Missed nights',
      about:
        'Nights that were due and did not begin, since the installation began. Bad is a number that has risen: the CronJob did not fire.',
      unit: 'short',
      queries: [now(sumOf(fleet('schedule_missed_total', { labels: [] })))],
      steps: NONE_IS_BEST,
      width: 3,
      height: 8,
      noData: NOBODY,
    }),
  ],
};

export const CONSENTS: Section = {
  title: 'Consents',
  panels: [
    stat({
      title: 'Malls by consent',
      about:
        'Malls by the state of their consent. needs_consent and uninstalled malls are not read until someone authorizes them again.',
      unit: 'short',
      queries: [now(sumOf(fleet('malls', { labels: ['state'] }), ['state']), '{{state}}')],
      series: ['active', 'needs_consent', 'uninstalled', 'no_credential', 'inactive'],
      width: 16,
      height: 5,
      noData: NOBODY,
      links: [MALLS_LINK],
    }),
    stat({
      title: 'Consents that expire',
      about:
        'Active malls whose refresh token runs out within 3 days. A mall that is read every night renews it by itself: bad is any.',
      unit: 'short',
      queries: [now(sumOf(fleet('consents_expiring_malls', { labels: [] })))],
      steps: NONE_IS_GOOD,
      width: 8,
      height: 5,
      noData: NOBODY,
      links: [MALLS_LINK],
    }),
  ],
};

export const DATABASE: Section = {
  title: 'Database',
  panels: [
    graphPanel({
      ...THIRD,
      title: 'Database answers',
      about:
        'Whether PostgreSQL answered each of mallsync’s processes. Bad is 0: nothing is read or written meanwhile.',
      unit: 'bool_yes_no',
      queries: [
        graph(
          'min by (process) (mallsync_database_up{namespace=~"$namespace"} * on (namespace, job, instance) group_left (process) mallsync_build_info)',
          '{{process}}',
        ),
      ],
      noData: 'No process is scraped',
    }),
    graphPanel({
      ...THIRD,
      title: 'Connections',
      about:
        'Connections to the database server and how many it allows. Bad is above four fifths: Jobs fail with DatabaseUnavailable.',
      unit: 'short',
      queries: [
        graph(sumOf(fleet('database_connections', { labels: [] })), 'open'),
        graph(sumOf(fleet('database_connections_limit', { labels: [] })), 'limit'),
      ],
    }),
    graphPanel({
      ...THIRD,
      title: 'Size of the database',
      about:
        'What the database takes on disk. Bad is growth that the disk does not hold; prune keeps the history bounded.',
      unit: 'bytes',
      queries: [graph(sumOf(fleet('database_size_bytes', { labels: [] })), 'size')],
    }),
  ],
};
