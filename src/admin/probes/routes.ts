import { readDatabaseClock } from '../../adapters/postgres/database-clock.ts';
import type { AdminContext } from '../context.ts';
import type { AdminApp } from '../env.ts';

/** Open to all, and say nothing but whether. */
export function mountProbes(app: AdminApp, { database }: AdminContext): void {
  app.get('/livez', (c) => c.text('ok\n'));
  app.get('/readyz', async (c) => {
    try {
      await readDatabaseClock(database);
      return c.text('ok\n');
    } catch {
      return c.text('the database does not answer\n', 503);
    }
  });
}
