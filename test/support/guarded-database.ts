import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { atFileEnd } from './file-end.ts';

/** A role of the test file's own with a password that is found wherever it is told; asked for before the database is. */
export async function createGuardedRole(): Promise<{ readonly password: string; toUrl(databaseUrl: string): string }> {
  const [role, password] = [`guarded_${randomBytes(6).toString('hex')}`, randomBytes(15).toString('base64url')];
  const run = async (statement: string): Promise<void> => {
    const client = new Client({ connectionString: inject('databaseServer').url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await run(`create role ${role} superuser login password '${password}'`);
  // the database, which is dropped before, holds nothing of it
  atFileEnd(() => run(`drop role ${role}`));
  return {
    password,
    toUrl(databaseUrl) {
      const url = new URL(databaseUrl);
      [url.username, url.password] = [role, password];
      return url.href;
    },
  };
}
