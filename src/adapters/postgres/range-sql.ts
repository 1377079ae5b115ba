import { sql, type FragmentSqlToken } from 'slonik';
import type { TimeRange } from '../../domain/period.ts';

/** The half-open tstzrange. */
export function toRange({ fromMs, untilMs }: TimeRange): FragmentSqlToken {
  return sql.fragment`tstzrange(to_timestamp(${fromMs}::float8 / 1000), to_timestamp(${untilMs}::float8 / 1000))`;
}
