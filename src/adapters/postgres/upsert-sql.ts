import { createHash } from 'node:crypto';
import type { DomainType } from '../../domain/domain-type.ts';
import { toArrayType } from './column-array.ts';
import { quoteIdentifier, toSchema } from './schema-name.ts';
import { listCopyColumns, type Column, type Table } from './table.ts';

/**
 * What the database says of a row: N not stored, S stored from a later observation, U equal, R equal but to be stamped
 * as observed later, C to be written.
 */
export type Verdict = 'N' | 'S' | 'U' | 'R' | 'C';

/** The statements that write one table; `$1` is always the mall. */
export interface TableSql {
  /** `$2` observed at, `$3` execution, `$4` hashes, `$5`… key columns → one letter a row, in the order given. */
  readonly classify: string;
  readonly copy: string;
  /** One simple query: makes the session's staging table, empties it and begins to copy into it. */
  readonly stage: string;
  /** `$2` observed at, `$3` execution → n and verdict of each staged row, locked in key order. */
  readonly lock: string;
  /** `$2` observed at, `$3` execution, `$4` the n of the staged rows to write. */
  readonly update: string;
  /** `$2` observed at, `$3` the n of the staged rows to stamp. */
  readonly stamp: string;
}

/** The statements that make the rows of a child table those of the staged parents. */
export interface ChildSql {
  readonly copy: string;
  readonly stage: string;
  /** `$2`… parent key columns: removes what is no longer part of its parent. */
  readonly removeAbsent: string;
  readonly updateChanged: string;
  readonly insertAbsent: string;
  /** `$2`… parent key columns: removes all of the parents' rows. */
  readonly removeAll: string;
}

const LIVE = `('REQUESTED', 'RUNNING', 'WAITING')`;

/**
 * Another live run of the same mall may hold a page it observed before this one. Only then does an equal row have to
 * remember its later observation, so that the page held back cannot replace it.
 */
function hasRival(domainType: DomainType): string {
  return `exists (select from mallsync.tb_batch_execution_summary e
    where e.mall_id = $1 and e.domain_type = '${domainType}' and e.status in ${LIVE} and e.execution_id <> $3::bigint)`;
}

export function buildTableSql(table: Table, domainType: DomainType, schema: string): TableSql {
  const keys = keyColumnsOf(table);
  const main = `mallsync.${table.name}`;
  const stage = `pg_temp.${quoteIdentifier(stageNameOf(table))}`;
  const restamp = `when t.observed_at < $2::timestamptz and ${hasRival(domainType)} then 'R'`;
  const isLater = `$2::timestamptz < greatest(t.observed_at, t.missing_since)`;
  const arrays = keys.map((key, index) => `$${index + 5}::${toArrayType(key.type)}[]`).join(', ');
  const names = keys.map((key) => key.name).join(', ');
  const extraDiffers = table.isAlwaysWhole ? '' : 'or s.extra is not null and s.extra is distinct from t.extra';
  const isEqual = `t.content_hash = s.content_hash and t.missing_since is null`;
  const inSchema = (text: string): string => toSchema(text, schema);
  return {
    classify: inSchema(`select string_agg(v.verdict, '' order by v.n) as verdicts from (
      select s.n, case
        when t.content_hash is null then 'N'
        when ${isEqual} then case ${restamp} else 'U' end
        when ${isLater} then 'S'
        else 'C' end as verdict
      from unnest($4::bigint[], ${arrays}) with ordinality as s(content_hash, ${names}, n)
      left join lateral (
        select t.content_hash, t.observed_at, t.missing_since from ${main} t
        where t.mall_id = $1 and ${matchKeys(keys, true)} offset 0) t on true) v`),
    copy: inSchema(`savepoint page_rows; ${buildCopy(main, listCopyColumns(table))}`),
    stage: inSchema(`savepoint page_rows; ${buildStage(table, main, stage)}`),
    lock: inSchema(`select s.n, case
        when t.content_hash is null then 'N'
        when ${isLater} then case when ${isEqual} then 'U' else 'S' end
        when not (${isEqual}) ${extraDiffers} then 'C'
        ${restamp}
        else 'U' end as verdict
      from (select n, content_hash, extra, ${names} from ${stage} order by ${names} offset 0) s
      left join lateral (
        select t.content_hash, t.observed_at, t.missing_since, t.extra from ${main} t
        where t.mall_id = $1 and ${matchKeys(keys, false)} for no key update) t on true`),
    update: inSchema(`${buildUpdate(table, main, stage, keys)} and s.n = any($4::integer[])`),
    stamp: inSchema(`update ${main} t set observed_at = $2::timestamptz from ${stage} s
      where t.mall_id = $1 and ${matchKeys(keys, false)} and s.n = any($3::integer[])`),
  };
}

export function buildChildSql(child: Table, parent: Table, schema: string): ChildSql {
  const keys = keyColumnsOf(child);
  const parentKeys = keyColumnsOf(parent);
  const main = `mallsync.${child.name}`;
  const stage = `pg_temp.${quoteIdentifier(stageNameOf(child))}`;
  const columns = listCopyColumns(child).join(', ');
  const arrays = parentKeys.map((key, index) => `$${index + 2}::${toArrayType(key.type)}[]`).join(', ');
  const matchChild = (left: string): string => keys.map(({ name }) => `${left}.${name} = c.${name}`).join(' and ');
  // found parent by parent: a join could be planned as a reading of the whole table
  const remove = (condition: string): string => `delete from ${main} t using (
      select c.* from unnest(${arrays}) as p(${parentKeys.map((key) => key.name).join(', ')})
      cross join lateral (select t.ctid as place, ${keys.map((key) => `t.${key.name}`).join(', ')} from ${main} t
        where t.mall_id = $1 and ${parentKeys.map(({ name }) => `t.${name} = p.${name}`).join(' and ')} offset 0) c
      where ${condition} offset 0) c
    where t.ctid = c.place and t.mall_id = $1 and ${matchChild('t')}`;
  const inSchema = (text: string): string => toSchema(text, schema);
  return {
    copy: inSchema(buildCopy(main, listCopyColumns(child))),
    stage: inSchema(buildStage(child, main, stage)),
    removeAbsent: inSchema(remove(`not exists (select from ${stage} s where ${matchChild('s')})`)),
    updateChanged: inSchema(`${buildUpdate(child, main, stage, keys)}
      and (t.content_hash <> s.content_hash or t.missing_since is not null)`),
    insertAbsent: inSchema(`insert into ${main} (${columns}) select ${columns} from ${stage} s
      where not exists (select from ${main} t where t.mall_id = $1 and ${matchKeys(keys, false)})`),
    removeAll: inSchema(remove('true')),
  };
}

export function keyColumnsOf(table: Table): readonly Column[] {
  return table.keyColumns.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column === undefined) throw new TypeError(`${table.name} has no column ${name}`);
    return column;
  });
}

function matchKeys(keys: readonly Column[], isCast: boolean): string {
  return keys
    .map(({ name, type }) => `t.${name} = s.${name}${isCast && type !== toArrayType(type) ? `::${type}` : ''}`)
    .join(' and ');
}

function buildCopy(target: string, columns: readonly string[]): string {
  return `copy ${target} (${columns.join(', ')}) from stdin`;
}

/** Named by its columns, so that a session lent by a pooler never offers another version's table. */
function stageNameOf(table: Table): string {
  const layout = JSON.stringify([table.name, table.columns.map(({ name, type }) => [name, type])]);
  return `stage_${table.name}_${createHash('sha256').update(layout).digest('hex').slice(0, 12)}`;
}

function buildStage(table: Table, main: string, stage: string): string {
  return [
    `create temp table if not exists ${stage} (like ${main}, n integer) on commit delete rows`,
    `delete from ${stage}`,
    buildCopy(stage, [...listCopyColumns(table), 'n']),
  ].join('; ');
}

function buildUpdate(table: Table, main: string, stage: string, keys: readonly Column[]): string {
  const written = table.columns.filter((column) => !keys.includes(column)).map(({ name }) => `${name} = s.${name}`);
  const extra = table.isAlwaysWhole
    ? 's.extra'
    : `case when s.extra = '{}' then s.extra else coalesce(s.extra, t.extra) end`;
  return `update ${main} t set observed_at = $2::timestamptz, changed_execution_id = $3::bigint, missing_since = null,
      content_hash = s.content_hash, ${written.join(', ')}, extra = ${extra}
    from ${stage} s where t.mall_id = $1 and ${matchKeys(keys, false)}`;
}
