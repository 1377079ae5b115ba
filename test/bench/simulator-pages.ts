import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Agent, fetch, setGlobalDispatcher } from 'undici';
import { startSimulator } from '../../src/simulator/start.ts';

/**
 * How many pages of 1,000 rows the simulator serves from one core: `node test/bench/simulator-pages.ts [--pages 2000] [--resource orders]`.
 * The simulator runs in a process of its own; the client only counts bytes. CPU seconds are the simulator's.
 */
const { values } = parseArgs({
  options: {
    pages: { type: 'string', default: '2000' },
    resource: { type: 'string', default: 'members' },
    fields: { type: 'string', default: '' },
    server: { type: 'boolean', default: false },
  },
});

const DAY = '2025-12-01';
const ROWS = 100_000;

async function serve(): Promise<void> {
  const simulator = await startSimulator({
    malls: [
      {
        cafe24MallId: 'bench',
        clientId: 'client',
        clientSecret: 'secret',
        refreshToken: 'first',
        membersPerDay: 1_000_000,
        ordersPerDay: ROWS,
        behaviour: { rateLimit: false },
      },
    ],
  });
  process.send?.({ url: simulator.url });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuSeconds: (user + system) / 1e6, rssMiB: process.memoryUsage.rss() / 2 ** 20 });
  });
}

interface Reading {
  readonly cpuSeconds: number;
  readonly rssMiB: number;
}

async function ask<Answer>(child: ReturnType<typeof fork>): Promise<Answer> {
  const answer = once(child, 'message');
  child.send('read');
  return ((await answer) as [Answer])[0];
}

async function login(url: string): Promise<string> {
  const response = await fetch(`${url}/bench/api/v2/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('client:secret')}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=refresh_token&refresh_token=first',
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

function toAddress(url: string, page: number): string {
  const fields = values.fields === '' ? '' : `&fields=${values.fields}`;
  if (values.resource === 'orders') {
    const range = `start_date=${DAY}&end_date=${DAY}`;
    return `${url}/bench/api/v2/admin/orders?limit=1000&offset=${(page % 15) * 1000}&embed=items&${range}${fields}`;
  }
  const start = String(page % 24).padStart(2, '0');
  const range = `start_date=${DAY}+${start}:00:00&end_date=${DAY}+${start}:59:59`;
  return `${url}/bench/api/v2/admin/customersprivacy?limit=1000&offset=${(page % 8) * 1000}&date_type=join&${range}${fields}`;
}

async function measure(): Promise<void> {
  setGlobalDispatcher(new Agent({ connections: 8 }));
  const child = fork(import.meta.filename, ['--server'], { execPath: process.execPath });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const token = await login(url);
  const headers = { authorization: `Bearer ${token}` };
  const pages = Number(values.pages);
  let next = 0;
  let bytes = 0;
  async function work(until: number): Promise<void> {
    while (next < until) {
      const response = await fetch(toAddress(url, next++), { headers });
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
      const { byteLength } = await response.arrayBuffer();
      bytes += byteLength;
    }
  }
  await Promise.all(Array.from({ length: 4 }, () => work(100)));
  const before = await ask<Reading>(child);
  bytes = 0;
  next = 0;
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 4 }, () => work(pages)));
  const seconds = (performance.now() - startedAt) / 1000;
  const after = await ask<Reading>(child);
  child.kill();
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  const report = {
    pages,
    kibPerPage: Math.round(bytes / pages / 1024),
    pagesPerSecond: Math.round(pages / seconds),
    pagesPerCpuSecond: Math.round(pages / cpuSeconds),
    rssMiB: Math.round(after.rssMiB),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

await (values.server ? serve() : measure());
