import type { Link } from './panels.ts';

/** Raw, for it is an address and not a part of one. */
const PAGE = '${page:raw}';

function toPage(title: string, path: string): Link {
  return { title, url: `${PAGE}${path}` };
}

/** For a column that holds the number of a mall. */
export const MALL_LINK = toPage('The mall on the page', '/malls/${__value.raw}');

/** For a column that holds the number of a mall, with the choices that both dashboards have. */
export function toMallDashboard(...variables: readonly string[]): Link {
  const choices = variables.map((name) => `&\${${name}:queryparam}`).join('');
  return { title: 'The mall’s dashboard', url: `/d/mallsync-mall?var-mall=\${__value.raw}${choices}` };
}

/** For a column that holds the number of an execution. */
export const RUN_LINK = toPage('The run on the page', '/runs/${__value.raw}');

/** For a column of domain types beside one called Mall. */
export const COVERAGE_LINK = toPage('Its days on the page', '/malls/${__data.fields.Mall}/coverage/${__value.raw}');

/** For a series with the label `reason`. */
export const REASON_LINK = toPage(
  'Unmended runs of this reason on the page',
  '/runs?reason=${__field.labels.reason}&unmended=1',
);

export const UNMENDED_LINK = toPage('Unmended runs on the page', '/runs?unmended=1');
export const LATE_MALLS_LINK = toPage('Late malls on the page', '/malls?late=1');
export const REQUESTS_LINK = toPage('Requests on the page', '/requests');
export const NOW_LINK = toPage('What runs now, on the page', '/now');
export const MALLS_LINK = toPage('Malls on the page', '/malls');
export const THIS_MALL_LINK = toPage('This mall on the page', '/malls/${mall}');

/** For a column that holds the key of a click. */
export const CLICK_LINK = toPage('The request on the page', '/requests/${__value.raw}');
