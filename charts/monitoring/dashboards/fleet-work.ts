import { BY_DOMAIN, fleet, fleetIncrease, fleetQuantile, fleetRate, sumOf } from './expressions.ts';
import { graphPanel } from './graph-panels.ts';
import { NOW_LINK, REQUESTS_LINK, UNMENDED_LINK } from './links.ts';
import { NONE_IS_BEST, NONE_IS_GOOD } from './palette.ts';
import { graph, now } from './queries.ts';
import { stat } from './value-panels.ts';
import type { Section } from './dashboard.ts';

const NOBODY = 'No leader and no serve process tells of the fleet';
const RUNS = { ...BY_DOMAIN, labels: ['domain', 'result', 'reason'] };
const ROWS = { ...BY_DOMAIN, labels: ['domain', 'outcome'] };
const THIRD = { width: 8, height: 8, noData: NOBODY } as const;
const HALF = { width: 12, height: 8, noData: NOBODY } as const;

export const RUNS_AND_ROWS: Section = {
  title: 'Runs and rows',
  panels: [
    graphPanel({
      ...THIRD,
      title: 'Runs by result',
      about: 'Runs that ended, in each interval of the graph. Bad is a growing share of FAILED.',
      unit: 'short',
      style: 'bars',
      interval: '5m',
      queries: [graph(fleetIncrease('runs_total', RUNS, ['result']), '{{result}}')],
      series: ['COMPLETED', 'COMPLETED_WITH_REJECTS', 'FAILED', 'STOPPED'],
      links: [UNMENDED_LINK],
    }),
    graphPanel({
      ...THIRD,
      title: 'Runs by reason',
      about:
        'Runs that did not complete, by reason, in each interval of the graph. One reason at many malls is a cause outside of them: the API, the database, the program.',
      unit: 'short',
      style: 'bars',
      interval: '5m',
      queries: [
        graph(
          fleetIncrease('runs_total', { ...RUNS, matchers: [...BY_DOMAIN.matchers, 'reason!=""'] }, ['reason']),
          '{{reason}}',
        ),
      ],
      links: [UNMENDED_LINK],
    }),
    graphPanel({
      ...THIRD,
      title: 'Duration of runs',
      about:
        'How long runs take, from begin to end: the middle one and the slowest of twenty. Bad is what nears the deadline.',
      unit: 's',
      queries: [
        graph(fleetQuantile(0.5, 'run_duration_seconds', BY_DOMAIN, ['domain']), '{{domain}} p50'),
        graph(fleetQuantile(0.95, 'run_duration_seconds', BY_DOMAIN, ['domain']), '{{domain}} p95'),
      ],
    }),
    graphPanel({
      ...HALF,
      title: 'Rows per second',
      about:
        'Rows by what became of them. Unchanged and stale rows cost calls and nothing else; rejected ones are kept to be replayed. Bad is a rise of rejected, or none at all during the night.',
      unit: 'cps',
      style: 'area',
      queries: [graph(fleetRate('rows_total', ROWS, ['outcome']), '{{outcome}}')],
      series: ['inserted', 'updated', 'unchanged', 'stale', 'rejected', 'duplicate'],
    }),
    graphPanel({
      ...HALF,
      title: 'Open rejected rows',
      about: 'Rejected rows that nobody has replayed or ignored, by domain type. Bad is a step up: a new cause.',
      unit: 'short',
      queries: [graph(sumOf(fleet('rejected_rows_open', BY_DOMAIN), ['domain']), '{{domain}}')],
    }),
  ],
};

const CALLS = { labels: ['endpoint', 'code'] };

export const CAFE24: Section = {
  title: 'Cafe24',
  panels: [
    graphPanel({
      ...THIRD,
      title: 'Calls to Cafe24',
      about: 'Calls a second by endpoint, over all malls. Each mall has at most 8 a second.',
      unit: 'reqps',
      style: 'area',
      queries: [graph(fleetRate('api_requests_total', CALLS, ['endpoint']), '{{endpoint}}')],
      noData: 'No call yet',
    }),
    graphPanel({
      ...THIRD,
      title: 'Calls that Cafe24 refused',
      about:
        'Calls a second that were not answered with success, by status. 429 is the rate limit: bad when it lasts, for another client spends the mall’s calls. 5xx is Cafe24’s own trouble, 401 and 403 a lost consent.',
      unit: 'reqps',
      queries: [graph(fleetRate('api_requests_total', { ...CALLS, matchers: ['code!~"2.."'] }, ['code']), '{{code}}')],
      noData: 'No call was refused',
    }),
    graphPanel({
      ...THIRD,
      title: 'Waits for Cafe24',
      about:
        'Seconds waited a second, over all runs, by cause: rate is the budget at work, quota a spent usage quota, retry an answer that failed, token another process that refreshes. Bad is quota, and retry that lasts.',
      unit: 's',
      style: 'area',
      queries: [graph(fleetRate('api_wait_seconds_total', { labels: ['cause'] }, ['cause']), '{{cause}}')],
    }),
    stat({
      title: 'Blocked malls',
      about: 'Malls of which Cafe24 refuses calls at present. They wait and spend no retry; bad is many, or for hours.',
      unit: 'short',
      queries: [now(sumOf(fleet('budget_blocked_malls', { labels: [] })))],
      steps: NONE_IS_BEST,
      width: 6,
      height: 5,
      noData: NOBODY,
      links: [NOW_LINK],
    }),
    graphPanel({
      title: 'Blocked malls over time',
      about: 'Malls of which Cafe24 refused calls. Bad is a block that outlasts the night.',
      unit: 'short',
      queries: [graph(sumOf(fleet('budget_blocked_malls', { labels: [] })), 'blocked')],
      width: 18,
      height: 5,
      noData: NOBODY,
    }),
  ],
};

const JOB_START = { labels: [] };

export const QUEUE: Section = {
  title: 'Queue',
  panels: [
    graphPanel({
      ...THIRD,
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
      ...THIRD,
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
      ...THIRD,
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
      width: 6,
      height: 5,
      noData: NOBODY,
    }),
    stat({
      title: 'Malls by consent',
      about:
        'Malls by the state of their consent. needs_consent and uninstalled malls are not read until someone authorizes them again.',
      unit: 'short',
      queries: [now(sumOf(fleet('malls', { labels: ['state'] }), ['state']), '{{state}}')],
      series: ['active', 'needs_consent', 'uninstalled', 'no_credential', 'inactive'],
      width: 12,
      height: 5,
      noData: NOBODY,
    }),
    stat({
      title: 'Consents that expire',
      about:
        'Active malls whose refresh token runs out within 3 days. A mall that is read every night renews it by itself: bad is any.',
      unit: 'short',
      queries: [now(sumOf(fleet('consents_expiring_malls', { labels: [] })))],
      steps: NONE_IS_GOOD,
      width: 6,
      height: 5,
      noData: NOBODY,
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
