import { DEFAULT_SORT, type RunFilterQuery, type RunListQuery } from './query.ts';

type Given = Partial<RunListQuery>;

/** The list as a stable address: what is asked for and nothing else, always in the same order. */
export function toRunsLink(query: Given): string {
  return toAddress('/runs', query);
}

/** The preview of running again what a filter matches. */
export function toFilterAgainLink(query: Partial<RunFilterQuery>): string {
  return toAddress('/runs/again', query);
}

/** The preview of running these again. */
export function toRunAgainLink(executionIds: readonly number[]): string {
  return `/runs/again?executions=${executionIds.join(',')}`;
}

export function toRunLink(executionId: number): string {
  return `/runs/${executionId}`;
}

/** The rejected rows of a run, or of one group of it. */
export function toErrorsLink(executionId: number, query: { readonly fingerprint?: string | undefined }): string {
  const { fingerprint } = query;
  const rest = fingerprint === undefined ? '' : `?fingerprint=${encodeURIComponent(fingerprint)}`;
  return `${toRunLink(executionId)}/errors${rest}`;
}

/** Only the parts of a query that say which runs, in an order of their own. */
export function toFilterQuery(query: Given): RunFilterQuery {
  const { status, domain, mall, reason, trigger, mallSync, start, end, night, since, until, unmended, q } = query;
  return { status, domain, mall, reason, trigger, mallSync, start, end, night, since, until, unmended, q };
}

function toAddress(path: string, { sort, cursor, limit, ...filter }: Given): string {
  const order = sort === DEFAULT_SORT ? undefined : sort;
  const ordered = { ...toFilterQuery(filter), sort: order, limit, cursor };
  const text = Object.entries(ordered)
    .flatMap(([name, value]) => toParts(name, value))
    .join('&');
  return text === '' ? path : `${path}?${text}`;
}

function toParts(
  name: string,
  value: string | number | boolean | readonly (string | number)[] | undefined,
): readonly string[] {
  if (value === undefined || value === false) return [];
  if (typeof value === 'object') return [`${name}=${value.map((each) => encodeURIComponent(String(each))).join(',')}`];
  return [`${name}=${value === true ? '1' : encodeURIComponent(String(value)).replaceAll('%3A', ':')}`];
}
