import type { Page } from 'playwright-core';
import type { SimulatedWorld } from '../../support/simulated-malls.ts';
import { ask, type BrowserWorld } from '../../support/browser-world.ts';
import { SPOILT_MALL } from '../../support/troubled-night.ts';

export interface NamedPage {
  readonly name: string;
  readonly path: string;
}

/** Every page that an admin can open, with something on it to look at. */
export async function listPages(world: BrowserWorld): Promise<readonly NamedPage[]> {
  const { database } = world;
  const [spoilt, failed] = [
    await findRun(database, SPOILT_MALL, 'MEMBER'),
    await findRun(database, 'countmall', 'ORDER'),
  ];
  const refused = await findRun(database, 'leftmall', 'SALES');
  const { key: requestKey, done } = await ask(world, {
    cafe24MallId: 'bakerymall',
    days: ['2025-11-03', '2025-11-03'],
  });
  await done();
  return [
    { name: 'runs', path: '/runs' },
    { name: 'runs by filter', path: '/runs?status=FAILED&domain=ORDER&sort=newest&start=2024-01-01' },
    { name: 'no run that fits', path: '/runs?q=nothing-is-called-so' },
    { name: 'failed run', path: `/runs/${failed.executionId}` },
    { name: 'run with rejected rows', path: `/runs/${spoilt.executionId}` },
    { name: 'run again', path: `/runs/again?executions=${failed.executionId},${refused.executionId}` },
    { name: 'reprocess', path: `/runs/again?executions=${spoilt.executionId}&mode=reprocess` },
    { name: 'requests', path: '/requests' },
    { name: 'request', path: `/requests/${requestKey}` },
    { name: 'new run', path: '/new' },
    {
      name: 'new run of a range',
      path: `/new?domainType=MEMBER&mallId=${failed.mallId}&start=2025-11-01&end=2025-11-05`,
    },
    { name: 'malls', path: '/malls' },
    { name: 'mall', path: `/malls/${spoilt.mallId}` },
    { name: 'mall without consent', path: `/malls/${refused.mallId}` },
    { name: 'add a mall', path: '/malls/add' },
    { name: 'import malls', path: '/malls/import' },
    { name: 'coverage', path: `/malls/${spoilt.mallId}/coverage/MEMBER` },
    { name: 'now', path: '/now' },
    { name: 'audit', path: '/audit' },
  ];
}

async function findRun(
  database: SimulatedWorld['database'],
  cafe24MallId: string,
  domainType: string,
): Promise<{ readonly executionId: number; readonly mallId: number }> {
  const [row] = await database.query<{ execution_id: number; mall_id: number }>(
    `select execution_id::int as execution_id, mall_id::int as mall_id from mallsync.tb_batch_execution_summary
     join mallsync.tb_mall_config using (mall_id) where cafe24_mall_id = $1 and domain_type = $2 order by execution_id limit 1`,
    [cafe24MallId, domainType],
  );
  if (row === undefined) throw new Error(`nothing of ${domainType} has run for ${cafe24MallId}`);
  return { executionId: row.execution_id, mallId: row.mall_id };
}

/** What `find` finds on each page, by the page's name; empty when nothing was found on any. */
export async function listFaults<Fault>(
  page: Page,
  pages: readonly NamedPage[],
  find: () => Promise<readonly Fault[]>,
): Promise<Readonly<Record<string, readonly Fault[]>>> {
  const found: Record<string, readonly Fault[]> = {};
  for (const { name, path } of pages) {
    await page.goto(path);
    const faults = await find();
    if (faults.length > 0) found[name] = faults;
  }
  return found;
}
