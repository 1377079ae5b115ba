import { controllerQuantile, controllerRate, ofEachProcess, own, sumOf } from './expressions.ts';
import { graphPanel } from './graph-panels.ts';
import { COLOUR } from './palette.ts';
import { graph, now } from './queries.ts';
import { stat } from './value-panels.ts';
import type { Section } from './dashboard.ts';

const NO_CONTROLLER = 'No controller is scraped; serve has none of these';
const NO_PROCESS = 'No process is scraped';
const NO_PAGE = 'The page is not scraped';
const THIRD = { width: 8, height: 8 } as const;

export const CLIENT: Section = {
  title: 'API server',
  panels: [
    graphPanel({
      ...THIRD,
      title: 'Requests by code',
      about:
        'Requests a second to the API server by status; <error> had none. Bad is 429 and 5xx that last, and 401 or 403 at all.',
      unit: 'reqps',
      style: 'area',
      queries: [graph(controllerRate('rest_client_requests_total', ['code']), '{{code}}')],
      noData: NO_CONTROLLER,
    }),
    graphPanel({
      ...THIRD,
      title: 'Latency of requests',
      about: 'How long the API server takes to answer, by method: 99 of 100. Bad is seconds.',
      unit: 's',
      queries: [graph(controllerQuantile(0.99, 'rest_client_request_duration_seconds', ['verb']), '{{verb}} p99')],
      noData: NO_CONTROLLER,
    }),
    graphPanel({
      ...THIRD,
      title: 'Connections to the API server',
      about:
        'Open connections by purpose, and those opened a second. Bad is a number that rises: a leak, or a server that drops them.',
      unit: 'short',
      queries: [
        graph(sumOf(own('mallsync_api_connections'), ['purpose']), 'open: {{purpose}}'),
        graph(
          `sum by (purpose) (rate(${own('mallsync_api_connections_opened_total')}[$__rate_interval]))`,
          'opened a second: {{purpose}}',
        ),
      ],
      noData: NO_CONTROLLER,
    }),
  ],
};

export const CACHES: Section = {
  title: 'Caches',
  panels: [
    stat({
      title: 'Caches in step',
      about:
        'Whether the first list of each kind is complete, in all controllers. Bad is no: that controller does not begin to work.',
      unit: 'none',
      queries: [now(`min by (resource) (${own('mallsync_cache_synced')})`, '{{resource}}')],
      words: { '0': { text: 'no', color: COLOUR.failed }, '1': { text: 'yes', color: COLOUR.done } },
      width: 6,
      height: 8,
      noData: NO_CONTROLLER,
    }),
    graphPanel({
      title: 'Silence of the API server',
      about:
        'Since the last answer, event or bookmark of each watch. Bookmarks come every minute or so; bad is above five minutes: what the controller knows may be old.',
      unit: 's',
      queries: [graph(`max by (resource) (${own('mallsync_cache_silent_seconds')})`, '{{resource}}')],
      steps: ['transparent', [300, COLOUR.failed]],
      width: 6,
      height: 8,
      noData: NO_CONTROLLER,
    }),
    graphPanel({
      title: 'Lists and ends of watches',
      about:
        'Complete lists, and watches that ended by cause, in each interval of the graph. A watch ends every few minutes by itself; bad is many lists: each costs the server much.',
      unit: 'short',
      style: 'bars',
      interval: '5m',
      queries: [
        graph(
          `sum by (resource) (increase(${own('mallsync_cache_lists_total')}[$__rate_interval]))`,
          'lists of {{resource}}',
        ),
        graph(
          `sum by (cause) (increase(${own('mallsync_cache_watch_ends_total')}[$__rate_interval]))`,
          'ended: {{cause}}',
        ),
      ],
      width: 6,
      height: 8,
      noData: NO_CONTROLLER,
    }),
    graphPanel({
      title: 'Objects held',
      about:
        'Objects in the caches of the largest controller, and those that cannot be read. Bad is any that cannot be read: another version wrote it.',
      unit: 'short',
      queries: [
        graph(`max by (resource) (${own('mallsync_cache_objects')})`, '{{resource}}'),
        graph(
          `sum by (resource) (increase(${own('mallsync_cache_unreadable_total')}[$__rate_interval]))`,
          'unreadable {{resource}}',
        ),
      ],
      width: 6,
      height: 8,
      noData: NO_CONTROLLER,
    }),
  ],
};

const NAMED = '{{process}} {{pod}} {{instance}}';

export const PROCESSES: Section = {
  title: 'Processes',
  panels: [
    stat({
      title: 'Versions',
      about: 'Processes by kind and version. Bad is two versions of a kind for longer than a rollout takes.',
      unit: 'short',
      queries: [now(`count by (process, version) (${own('mallsync_build_info')})`, '{{process}} {{version}}')],
      width: 24,
      height: 4,
      noData: NO_PROCESS,
    }),
    graphPanel({
      ...THIRD,
      title: 'Memory',
      about: 'What each process takes. Bad is a line that only rises, or nears the container’s limit.',
      unit: 'bytes',
      queries: [graph(ofEachProcess(own('process_resident_memory_bytes')), NAMED)],
      noData: NO_PROCESS,
    }),
    graphPanel({
      ...THIRD,
      title: 'Processor',
      about:
        'Cores that each process uses. Bad is a whole one for long: a Node process has no second for its own code.',
      unit: 'short',
      queries: [graph(ofEachProcess(`rate(${own('process_cpu_seconds_total')}[$__rate_interval])`), NAMED)],
      noData: NO_PROCESS,
    }),
    graphPanel({
      ...THIRD,
      title: 'Lag of the event loop',
      about: 'How late the process gets to its work: 99 of 100. Bad is above half a second: leases and probes suffer.',
      unit: 's',
      queries: [graph(ofEachProcess(own('nodejs_eventloop_lag_p99_seconds')), NAMED)],
      noData: NO_PROCESS,
    }),
    graphPanel({
      ...THIRD,
      title: 'Garbage collection',
      about: 'Seconds a second that each process spends on collecting garbage. Bad is above a tenth.',
      unit: 'percentunit',
      queries: [
        graph(
          `sum by (process, pod, instance) (${ofEachProcess(`rate(${own('nodejs_gc_duration_seconds_sum')}[$__rate_interval])`)})`,
          NAMED,
        ),
      ],
      noData: NO_PROCESS,
    }),
    graphPanel({
      ...THIRD,
      title: 'Heap',
      about: 'Heap in use by each process. Bad is a floor that rises over days: a leak.',
      unit: 'bytes',
      queries: [graph(ofEachProcess(own('nodejs_heap_size_used_bytes')), NAMED)],
      noData: NO_PROCESS,
    }),
    graphPanel({
      ...THIRD,
      title: 'Open files',
      about: 'File descriptors of each process, sockets among them. Bad is a line that only rises.',
      unit: 'short',
      queries: [graph(ofEachProcess(own('process_open_fds')), NAMED)],
      noData: NO_PROCESS,
    }),
  ],
};

export const PAGE: Section = {
  title: 'The operator’s page',
  panels: [
    graphPanel({
      title: 'Requests to the page',
      about: 'Requests a second by status. Bad is 5xx at all.',
      unit: 'reqps',
      style: 'area',
      queries: [graph(`sum by (code) (rate(${own('mallsync_page_requests_total')}[$__rate_interval]))`, '{{code}}')],
      width: 6,
      height: 8,
      noData: NO_PAGE,
    }),
    graphPanel({
      title: 'Latency of the page',
      about:
        'How long the page takes to answer, by kind: 95 of 100; live is a stream and lasts as long as someone looks. Bad is above a second.',
      unit: 's',
      queries: [
        graph(
          `histogram_quantile(0.95, sum by (le, kind) (rate(${own('mallsync_page_request_duration_seconds_bucket')}[$__rate_interval])))`,
          '{{kind}} p95',
        ),
      ],
      width: 6,
      height: 8,
      noData: NO_PAGE,
    }),
    graphPanel({
      title: 'Viewers',
      about: 'Browsers that follow the page live.',
      unit: 'short',
      queries: [graph(sumOf(own('mallsync_page_live_viewers')), 'viewers')],
      width: 6,
      height: 8,
      noData: NO_PAGE,
    }),
    graphPanel({
      title: 'Sign-ins',
      about: 'Sign-ins by outcome, in each interval of the graph. Bad is many that were refused: someone guesses.',
      unit: 'short',
      style: 'bars',
      interval: '5m',
      queries: [
        graph(`sum by (outcome) (increase(${own('mallsync_page_sign_ins_total')}[$__rate_interval]))`, '{{outcome}}'),
      ],
      width: 6,
      height: 8,
      noData: NO_PAGE,
    }),
  ],
};
