import {
  controllerQuantile,
  controllerRate,
  fleet,
  fleetIncrease,
  fleetQuantile,
  ofProcess,
  own,
  sumOf,
} from './expressions.ts';
import { graphPanel, heat } from './graph-panels.ts';
import { NOW_LINK, UNMENDED_LINK } from './links.ts';
import { COLOUR, NONE_IS_GOOD } from './palette.ts';
import { buckets, graph, now } from './queries.ts';
import { stat } from './value-panels.ts';
import type { Section } from './dashboard.ts';

const NO_CONTROLLER = 'No controller is scraped; serve has none of these';
const THIRD = { width: 8, height: 8, noData: NO_CONTROLLER } as const;
const LEADS = ofProcess(own('leader_election_master_status', ['name="mallsync-controller"']), 'controller');
const EPOCH = fleet('leader_epoch', { labels: [] });

export const LEADER: Section = {
  title: 'Leader',
  panels: [
    stat({
      title: 'Leading pod',
      about:
        'Which controller leads. Bad is none: nothing is started or settled; more than one for longer than a scrape.',
      unit: 'none',
      queries: [now(`(${LEADS}) == 1`, '{{pod}} {{instance}}')],
      showsNames: true,
      steps: [COLOUR.done],
      width: 8,
      height: 5,
      noData: 'No controller leads',
    }),
    stat({
      title: 'Leaders',
      about: 'How many controllers lead. Bad is anything but 1.',
      unit: 'short',
      queries: [now(sumOf(LEADS))],
      steps: [COLOUR.failed, [1, COLOUR.done], [2, COLOUR.failed]],
      width: 4,
      height: 5,
      noData: NO_CONTROLLER,
    }),
    stat({
      title: 'Epoch',
      about:
        'The number of the leader’s term, from the database; each new leader has the next one, and writes of older ones are refused.',
      unit: 'none',
      queries: [now(`max(${EPOCH})`)],
      width: 4,
      height: 5,
      noData: NO_CONTROLLER,
    }),
    stat({
      title: 'Changes of leader',
      about:
        'New terms in the time range. A rollout brings one; bad is many: a controller that loses its Lease again and again.',
      unit: 'short',
      queries: [
        now(
          `sum(max by (namespace) (max_over_time(${own('mallsync_leader_epoch')}[$__range])) - min by (namespace) (min_over_time((${own('mallsync_leader_epoch')} > 0)[$__range:1m])))`,
        ),
      ],
      steps: [COLOUR.done, [3, COLOUR.late], [10, COLOUR.failed]],
      width: 4,
      height: 5,
      noData: NO_CONTROLLER,
    }),
    stat({
      title: 'Fleet series left out',
      about:
        'Scrapes in the time range whose answer lacked the fleet’s series because the database did not answer. Bad is any: the Fleet dashboard has gaps.',
      unit: 'short',
      queries: [now('sum(increase(mallsync_fleet_metrics_failures_total{namespace=~"$namespace"}[$__range]))')],
      steps: NONE_IS_GOOD,
      width: 4,
      height: 5,
      noData: NO_CONTROLLER,
    }),
  ],
};

export const QUEUES: Section = {
  title: 'Queue',
  panels: [
    graphPanel({
      ...THIRD,
      title: 'Queue depth by priority',
      about:
        'Keys that wait for a worker: 200 acts of people, 100 changed MallSyncs, 0 Jobs and pods, -100 relists. Bad is a depth that does not fall, above all of 200 and 100.',
      unit: 'short',
      style: 'area',
      queries: [graph(sumOf(ofProcess(own('workqueue_depth'), 'controller'), ['priority']), 'priority {{priority}}')],
      links: [NOW_LINK],
    }),
    graphPanel({
      ...THIRD,
      title: 'Adds and retries',
      about:
        'Keys a second that became due, and that were put off after a failure. Bad is retries that keep up with adds.',
      unit: 'ops',
      queries: [
        graph(controllerRate('workqueue_adds_total', ['controller']), 'adds {{controller}}'),
        graph(controllerRate('workqueue_retries_total', ['controller']), 'retries {{controller}}'),
      ],
    }),
    graphPanel({
      ...THIRD,
      title: 'Slowest work under way',
      about: 'For how long the slowest worker has had its key. Bad is minutes: the API server or the database hangs.',
      unit: 's',
      queries: [
        graph(
          `max by (controller) (${ofProcess(own('workqueue_longest_running_processor_seconds'), 'controller')})`,
          '{{controller}}',
        ),
      ],
    }),
    graphPanel({
      ...THIRD,
      title: 'Time in the queue',
      about:
        'How long a due key waits for a worker: half of them, and 99 of 100. Bad is seconds: too few workers or a slow look.',
      unit: 's',
      queries: [
        graph(controllerQuantile(0.5, 'workqueue_queue_duration_seconds', ['controller']), '{{controller}} p50'),
        graph(controllerQuantile(0.99, 'workqueue_queue_duration_seconds', ['controller']), '{{controller}} p99'),
      ],
    }),
    graphPanel({
      ...THIRD,
      title: 'Time with a worker',
      about: 'How long a worker has a key: half of them, and 99 of 100. Bad is seconds.',
      unit: 's',
      queries: [
        graph(controllerQuantile(0.5, 'workqueue_work_duration_seconds', ['controller']), '{{controller}} p50'),
        graph(controllerQuantile(0.99, 'workqueue_work_duration_seconds', ['controller']), '{{controller}} p99'),
      ],
    }),
    graphPanel({
      ...THIRD,
      title: 'Workers',
      about: 'Workers that have a key, and how many there are. Bad is all of them busy for long.',
      unit: 'short',
      queries: [
        graph(
          sumOf(ofProcess(own('controller_runtime_active_workers'), 'controller'), ['controller']),
          '{{controller}} busy',
        ),
        graph(
          sumOf(ofProcess(own('controller_runtime_max_concurrent_reconciles'), 'controller'), ['controller']),
          '{{controller}} all',
        ),
      ],
    }),
  ],
};

const DURATION = 'controller_runtime_reconcile_time_seconds';
export const LOOKS: Section = {
  title: 'Looks (reconciles)',
  panels: [
    graphPanel({
      ...THIRD,
      title: 'Looks by result',
      about: 'Looks a second by how they ended. requeue_after is a look that comes back by itself; bad is error.',
      unit: 'ops',
      style: 'area',
      queries: [graph(controllerRate('controller_runtime_reconcile_total', ['result']), '{{result}}')],
      series: ['success', 'requeue_after', 'requeue', 'error'],
    }),
    graphPanel({
      ...THIRD,
      title: 'Errors, panics and time-outs',
      about:
        'Looks a second that failed. A panic is a defect of the program, a terminal error waits for a person, a time-out is a look cut short. Bad is any panic, and errors that last.',
      unit: 'ops',
      queries: [
        graph(controllerRate('controller_runtime_reconcile_errors_total', []), 'errors'),
        graph(controllerRate('controller_runtime_terminal_reconcile_errors_total', []), 'terminal errors'),
        graph(controllerRate('controller_runtime_reconcile_panics_total', []), 'panics'),
        graph(controllerRate('controller_runtime_reconcile_timeouts_total', []), 'time-outs'),
      ],
    }),
    graphPanel({
      ...THIRD,
      title: 'Duration of looks',
      about: 'How long a look takes: half of them, and 99 of 100. Bad is seconds.',
      unit: 's',
      queries: [
        graph(controllerQuantile(0.5, DURATION, ['controller']), '{{controller}} p50'),
        graph(controllerQuantile(0.99, DURATION, ['controller']), '{{controller}} p99'),
      ],
    }),
    heat({
      title: 'Durations of looks over time',
      about: 'Looks a second by how long they took. Bad is a second band far above the usual one.',
      unit: 'ops',
      axisUnit: 's',
      scheme: 'Blues',
      columns: 120,
      queries: [buckets(controllerRate(`${DURATION}_bucket`, ['le']))],
      width: 12,
      height: 9,
      noData: NO_CONTROLLER,
    }),
    graphPanel({
      title: 'Lag of recorded outcomes',
      about:
        'From the end of a Job to its outcome in the ledger: half of them, and 99 of 100. Bad is above half a minute: the controller does not keep up or is away.',
      unit: 's',
      queries: [
        graph(fleetQuantile(0.5, 'outcome_record_lag_seconds', { labels: [] }, []), 'p50'),
        graph(fleetQuantile(0.99, 'outcome_record_lag_seconds', { labels: [] }, []), 'p99'),
      ],
      width: 6,
      height: 9,
      noData: 'No Job ended in this time',
    }),
    graphPanel({
      title: 'Jobs and ledger disagree',
      about:
        'Runs of which Job and ledger did not say the same, by case, in each interval of the graph. The ledger is right; bad is a case that repeats.',
      unit: 'short',
      style: 'bars',
      interval: '5m',
      queries: [graph(fleetIncrease('outcome_disagreements_total', { labels: ['case'] }, ['case']), '{{case}}')],
      width: 6,
      height: 9,
      noData: NO_CONTROLLER,
      links: [UNMENDED_LINK],
    }),
  ],
};
