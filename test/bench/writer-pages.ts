import { startSimulator } from '../../src/simulator/start.ts';

export type BenchDomain = 'MEMBER' | 'ORDER';

const PAGE_ROWS = 1_000;
const ROWS_A_DAY = 8_000;
const FIRST_DAY_MS = Date.parse('2025-06-01');
const RESOURCES = {
  MEMBER: { path: 'customersprivacy', rowsKey: 'customersprivacy', filter: 'date_type=join' },
  ORDER: { path: 'orders', rowsKey: 'orders', filter: 'date_type=order_date&embed=items' },
} as const;

/** Bodies of API answers, as texts: what a run has in hand before it parses them. */
export async function fetchPageTexts(domain: BenchDomain, rows: number): Promise<readonly string[]> {
  const rowsADay = Math.min(rows, ROWS_A_DAY);
  const simulator = await startSimulator({
    malls: [
      {
        cafe24MallId: 'bench',
        clientId: 'bench',
        clientSecret: 'bench',
        refreshToken: 'bench-refresh-token',
        membersPerDay: rowsADay,
        ordersPerDay: rowsADay,
        behaviour: { rateLimit: false },
      },
    ],
  });
  try {
    const api = `${simulator.url}/bench/api/v2`;
    const authorization = `Bearer ${await fetchToken(api)}`;
    const pages: string[] = [];
    for (let day = 0; day < rows / rowsADay; day++) {
      const date = new Date(FIRST_DAY_MS + day * 86_400_000).toISOString().slice(0, 10);
      pages.push(...(await fetchDay(api, authorization, domain, date, rowsADay)));
    }
    return pages;
  } finally {
    await simulator.stop();
  }
}

async function fetchDay(
  api: string,
  authorization: string,
  domain: BenchDomain,
  date: string,
  rows: number,
): Promise<readonly string[]> {
  const { path, filter } = RESOURCES[domain];
  const pages: string[] = [];
  for (let offset = 0; offset < rows; offset += PAGE_ROWS) {
    const query = `${filter}&start_date=${date}&end_date=${date}&limit=${PAGE_ROWS}&offset=${offset}`;
    const answer = await fetch(`${api}/admin/${path}?${query}`, { headers: { authorization } });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    pages.push(await answer.text());
  }
  return pages;
}

async function fetchToken(api: string): Promise<string> {
  const answer = await fetch(`${api}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa('bench:bench')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=refresh_token&refresh_token=bench-refresh-token',
  });
  const token = (await answer.json()) as { access_token: string };
  return token.access_token;
}

export function parsePageText(domain: BenchDomain, text: string): unknown[] {
  const body = JSON.parse(text) as Record<string, unknown[]>;
  return body[RESOURCES[domain].rowsKey] ?? [];
}
