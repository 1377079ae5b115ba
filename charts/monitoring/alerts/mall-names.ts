/** More would not be read in the night; the page and the commands of the runbook have all. */
export const MOST_NAMED = 5;

export interface NamedMalls {
  /** Only this domain type, of the alert's own label `domain`. */
  readonly ofDomain?: boolean;
  /** Only these reasons, as a regular expression. */
  readonly reasons?: string;
  /** PromQL of a moment: malls and domain types that are complete until then are not meant. */
  readonly completeUntil?: string;
}

/** The malls that are meant, with one reason each, as a format for printf of namespace and domain type. */
function toRows({ ofDomain = false, reasons, completeUntil }: NamedMalls): string {
  const where = `namespace=%[1]q${ofDomain ? ', domain=%[2]q' : ''}`;
  const ofReasons = reasons === undefined ? '' : `, reason=~"${reasons}"`;
  const missing = `max by (mall_id, domain, reason) (mallsync_mall_missing_nights{${where}${ofReasons}})`;
  const ends = `max by (mall_id, domain) (mallsync_mall_last_complete_period_end_timestamp_seconds{${where}})`;
  const meant =
    completeUntil === undefined ? missing : `(${missing} unless on (mall_id, domain) ${ends} >= ${completeUntil})`;
  return `topk by (mall_id) (1, ${meant})`;
}

/**
 * Template text after a count of malls, which is the alert's value: `: mall 3 (AuthFailed), mall 7 (Lost) and 12 more`.
 * Where no series names a mall, `otherwise` stands instead.
 */
export function nameMalls(malls: NamedMalls, otherwise = ''): string {
  return nameRows(malls, { before: ': ', total: '%[1]f', otherwise });
}

/**
 * The same of malls that lack days because of `reasons`, whether they are those that the alert counts or not:
 * `; unread for it: mall 3 (AuthFailed)`.
 */
export function nameUnread(reasons: string, otherwise = ''): string {
  return nameRows({ reasons }, { before: '; unread for it: ', total: 'count(%[2]s)', otherwise });
}

interface NamedText {
  readonly before: string;
  /** PromQL of how many there are in all, as a format for printf of the alert's value and the rows. */
  readonly total: string;
  readonly otherwise: string;
}

function nameRows(malls: NamedMalls, { before, total, otherwise }: NamedText): string {
  const rows = `printf \`${toRows(malls)}\` $labels.namespace${malls.ofDomain === true ? ' $labels.domain' : ''}`;
  const named = `printf \`topk(${MOST_NAMED}, %s)\` $rows | query`;
  const rest = `printf \`${total} - count(topk(${MOST_NAMED}, %[2]s)) > 0\` $value $rows | query`;
  return [
    `{{ $rows := ${rows} }}`,
    `{{ range $i, $mall := ${named} }}`,
    `{{ if $i }}, {{ else }}${before}{{ end }}mall {{ $mall.Labels.mall_id }} ({{ $mall.Labels.reason }})`,
    ...(otherwise === '' ? [] : ['{{ else }}', otherwise]),
    '{{ end }}',
    `{{ with ${rest} }} and {{ . | first | value | printf "%.0f" }} more{{ end }}`,
  ].join('');
}

/** Template text of counts by reason, most first: `: 12 AuthFailed, 1 Lost`. The query has %[1]q for the namespace. */
export function countReasons(query: string): string {
  return [
    `{{ range $i, $count := printf \`topk(${MOST_NAMED}, ${query} > 0)\` $labels.namespace | query }}`,
    '{{ if $i }}, {{ else }}: {{ end }}{{ printf "%.0f" $count.Value }} {{ $count.Labels.reason }}{{ end }}',
  ].join('');
}

/** The alert's value as a number of malls: `1 mall is`, `12 malls are`. */
export const MALLS_ARE = '{{ if eq $value 1.0 }}1 mall is{{ else }}{{ printf "%.0f" $value }} malls are{{ end }}';

/** ` in shop`, where there are namespaces. */
export const PLACE = '{{ with $labels.namespace }} in {{ . }}{{ end }}';
