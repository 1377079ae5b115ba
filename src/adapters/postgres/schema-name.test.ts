import { describe, expect, it } from 'vitest';
import { parseSchemaName, toSchema } from './schema-name.ts';

describe('toSchema', () => {
  it('moves tables, views and functions and leaves texts alone', () => {
    const sql = `select mallsync.fn_x('mallsync.io/run') from mallsync.tb_a join mallsync.vw_b using (mallsync_id)`;
    expect(toSchema(sql, 'user')).toBe(
      `select "user".fn_x('mallsync.io/run') from "user".tb_a join "user".vw_b using (mallsync_id)`,
    );
  });

  it('changes nothing for the schema that the SQL is written for', () => {
    expect(toSchema('select 1 from mallsync.tb_a', 'mallsync')).toBe('select 1 from mallsync.tb_a');
  });
});

describe('parseSchemaName', () => {
  it.each(['mallsync', '_a1', 'user'])('takes %s', (name) => {
    expect(parseSchemaName(name)).toBe(name);
  });

  it.each(['', 'Mall', '1a', 'a-b', 'a"b', 'pg_mall', 'information_schema', 'x'.repeat(64)])('refuses %j', (name) => {
    expect(() => parseSchemaName(name)).toThrow(/MALLSYNC_DATABASE_SCHEMA/);
  });
});
