import { z } from 'zod';
import type { SimulatorControl } from './control.ts';
import type { SimulatedMall } from './mall.ts';
import { startSimulator } from './start.ts';

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** An app of one simulated mall, with a clock that stands still until it is moved. */
export interface TestApp extends AsyncDisposable {
  readonly mallId: string;
  readonly url: string;
  readonly control: SimulatorControl;
  /** Moves the simulated clock on. */
  wait(ms: number): void;
  /** A token request; the app's own credentials are sent unless others are given. */
  askToken(form: Readonly<Record<string, string>>, credentials?: string): Promise<TestAnswer>;
  /** A call of the Admin API with the app's access token, after `/api/v2/admin/`. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<TestAnswer>;
  getRows(path: string): Promise<Record<string, unknown>[]>;
}

export const FIRST_TOKEN = 'first-refresh-token';
const NOW = Date.parse('2026-02-01T12:00:00+09:00');

const bodySchema = z.record(z.string(), z.unknown());
const rowsSchema = z.array(bodySchema);
const tokenSchema = z.object({ access_token: z.string() });

function parseBody(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return bodySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export async function fetchAnswer(url: string, init: RequestInit = {}): Promise<TestAnswer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parseBody(text) };
}

/** Without limits unless `behaviour` asks for them. */
export async function openTestApp(mall: Partial<SimulatedMall> = {}): Promise<TestApp> {
  let nowMs = NOW;
  const mallId = mall.cafe24MallId ?? 'alpha';
  const simulator = await startSimulator({
    now: () => nowMs,
    malls: [
      {
        clientId: 'app',
        clientSecret: 'secret',
        refreshToken: FIRST_TOKEN,
        ...mall,
        cafe24MallId: mallId,
        behaviour: { rateLimit: false, ...mall.behaviour },
      },
    ],
  });
  const base = `${simulator.url}/${mallId}/api/v2`;

  async function askToken(form: Readonly<Record<string, string>>, credentials = 'app:secret'): Promise<TestAnswer> {
    return fetchAnswer(`${base}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(credentials)}` },
      body: new URLSearchParams(form),
    });
  }

  const first =
    mall.consent === 'lost' ? undefined : await askToken({ grant_type: 'refresh_token', refresh_token: FIRST_TOKEN });
  const accessToken = tokenSchema.safeParse(first?.body).data?.access_token ?? 'none';

  async function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<TestAnswer> {
    return fetchAnswer(`${base}/admin/${path}`, { headers: { authorization: `Bearer ${accessToken}`, ...headers } });
  }

  return {
    mallId,
    url: simulator.url,
    control: simulator.control,
    wait(ms) {
      nowMs += ms;
    },
    askToken,
    get,
    async getRows(path) {
      const answer = await get(path);
      const rows = rowsSchema.safeParse(Object.values(answer.body ?? {})[0]);
      if (!rows.success) throw new Error(`${path} answered ${answer.status} ${answer.text}`);
      return rows.data;
    },
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}
