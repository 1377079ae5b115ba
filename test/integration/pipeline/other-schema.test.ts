import { expect, test } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { DAY, openPipeline, runCommand } from '../../support/pipeline.ts';
import { readApiRows } from '../../support/truth.ts';

const pipeline = await openPipeline();
const { simulator, addMall } = pipeline;
const { control } = simulator;
const emptyDatabase = await createTestDatabase({ isEmpty: true });

test('all of it works in a schema of another name, from the migration on, and leaves the usual name alone', async () => {
  const mall = await addMall({ membersPerDay: 25, ordersPerDay: 25 });
  const environment = {
    ...pipeline.environment,
    MALLSYNC_DATABASE_URL: emptyDatabase.url,
    MALLSYNC_DATABASE_SCHEMA: 'beside_the_old',
  };
  const use = async (args: readonly string[], input = ''): Promise<string> => {
    const { exitCode, stdout, stderr } = await runCommand(args, environment, input);
    expect(exitCode, stderr).toBe(0);
    return stdout;
  };
  await use(['migrate']);
  const client = {
    clientId: 'app',
    clientSecret: `secret of ${mall.mallId}`,
    refreshToken: `first token of ${mall.mallId}`,
  };
  await use(['malls', 'import', '-'], JSON.stringify([{ ...mall, ...client }]));
  control.editRows(mall.cafe24MallId, { op: 'poison', domainType: 'MEMBER', ...DAY, count: 1, kind: 'bad-amount' });
  const report = JSON.parse(await use(['run', '--json', '--start', DAY.startDate, '--end', DAY.endDate]));
  expect(report.totals).toMatchObject({ completed: 2, withRejects: 1, rejected: 1 });
  control.editRows(mall.cafe24MallId, { op: 'heal', domainType: 'MEMBER', ...DAY });
  await use(['errors', 'replay', '--fingerprint', 'MEMBER:VALIDATE:BAD_NUMBER:total_points']);
  const [memberId] = (await readApiRows(pipeline, mall, 'MEMBER')).map((row) => String(row['member_id']));
  await use(['erase', '--mall', String(mall.mallId), '--member', memberId ?? '']);
  await use(['status', '--json']);
  const counts = await emptyDatabase.query(
    `select (select count(*)::integer from beside_the_old.tb_member) as members,
       (select count(*)::integer from beside_the_old.tb_order) as orders,
       (select count(*)::integer from beside_the_old.tb_sales_hourly) as hours, to_regnamespace('mallsync') as usual`,
  );
  expect(counts).toEqual([{ members: 24, orders: 25, hours: 24, usual: null }]);
});
