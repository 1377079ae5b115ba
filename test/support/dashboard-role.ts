import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { atFileEnd } from './file-end.ts';
import { readSqlBlock } from './document-sql.ts';

const NAME = 'mallsync_dashboards';
const PASSWORD = 'choose-another';

export interface DashboardRole {
  /** Roles are the server's and not the database's: its own in each test. */
  readonly name: string;
  /** Signed in as the role. */
  readonly client: Client;
}

/** The role that docs/dashboards.md tells to make, in the database at `url`; gone when the test file ends. */
export async function openDashboardRole(url: string): Promise<DashboardRole> {
  const name = `${NAME}_${randomUUID().slice(0, 8)}`;
  const owner = new Client({ connectionString: url });
  await owner.connect();
  await owner.query((await readSqlBlock('dashboards.md', 'the role of the dashboards')).replaceAll(NAME, name));
  const target = new URL(url);
  target.username = name;
  target.password = PASSWORD;
  const client = new Client({ connectionString: target.href });
  await client.connect();
  atFileEnd(async () => {
    await client.end();
    await owner.query(`drop owned by ${name}; drop role ${name}`);
    await owner.end();
  });
  return { name, client };
}
