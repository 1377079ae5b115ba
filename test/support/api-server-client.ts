import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, request } from 'undici';
import type { ApiServerClient, KubeObject, WatchEvent } from './api-server-door.ts';
import { followCollection } from './api-server-follow.ts';

export class ApiServerError extends Error {
  readonly status: number;
  /** Of the API server's Status, e.g. NotFound, AlreadyExists, Invalid. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = 'ApiServerError';
    this.status = status;
    this.reason = reason;
  }
}

const PATCH_TYPE = 'application/merge-patch+json';
const CONNECTIONS = 8;
const TOO_MANY = 429;
const TRIES = 50;
const PAUSE_MS = 100;

/** `onWarning` is told each warning that the API server adds to an answer. */
export function openApiServer(kubeconfig: string, onWarning: (text: string) => void = () => {}): ApiServerClient {
  const { server, authority, tls, authorization } = loadKubeconfig(kubeconfig);
  const connect = { ...tls, keepAlive: true };
  const agent = new Agent({ connections: CONNECTIONS, connect });
  const watchAgent = new Agent({ connections: null, connect, bodyTimeout: 0, headersTimeout: 0 });
  const headers = { accept: 'application/json', 'user-agent': 'mallsync-test', ...authorization };

  const ask: ApiServerClient['request'] = async (method, path, body, contentType, tries = TRIES) => {
    const type = contentType ?? (method === 'PATCH' ? PATCH_TYPE : 'application/json');
    const answer = await request(`${server}${path}`, {
      dispatcher: agent,
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode === TOO_MANY && tries > 1) {
      // also what a server says whose storage of a new kind is not ready yet
      await sleep(PAUSE_MS);
      return ask(method, path, body, contentType, tries - 1);
    }
    if (answer.statusCode >= 400) throw toError(answer.statusCode, text);
    for (const warning of [answer.headers['warning'] ?? []].flat()) onWarning(warning);
    return text.startsWith('{') ? JSON.parse(text) : text;
  };

  async function* watch(path: string, resourceVersion: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const url = new URL(`${server}${path}`);
    url.searchParams.set('watch', 'true');
    url.searchParams.set('allowWatchBookmarks', 'true');
    url.searchParams.set('resourceVersion', resourceVersion);
    try {
      const answer = await request(url, { dispatcher: watchAgent, headers, signal });
      if (answer.statusCode >= 400) throw toError(answer.statusCode, await answer.body.text());
      for await (const line of splitLines(answer.body)) yield JSON.parse(line) as WatchEvent;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  return {
    server,
    authority,
    request: ask,
    watch,
    async readTable(path) {
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
      const answer = await request(`${server}${path}`, { dispatcher: agent, headers: { ...headers, accept } });
      const { columnDefinitions, rows } = (await answer.body.json()) as KubeObject;
      return rows.map(({ cells }: KubeObject) =>
        Object.fromEntries(cells.map((cell: unknown, index: number) => [columnDefinitions[index].name, cell])),
      );
    },
    follow: (path, signal) => followCollection({ request: ask, watch }, path, signal),
    async close() {
      await Promise.all([agent.close(), watchAgent.destroy()]);
    },
  };
}

function loadKubeconfig(path: string) {
  const config = new KubeConfig();
  config.loadFromFile(path);
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  if (cluster === null) throw new Error(`${path} names no cluster`);
  const tls: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  const read = (data: string | undefined, file: string | undefined): Buffer | undefined =>
    data === undefined ? (file === undefined ? undefined : readFileSync(file)) : Buffer.from(data, 'base64');
  const authority = read(cluster.caData, cluster.caFile);
  const [cert, key] = [read(user?.certData, user?.certFile), read(user?.keyData, user?.keyFile)];
  if (authority !== undefined) tls.ca = authority;
  if (cert !== undefined) tls.cert = cert;
  if (key !== undefined) tls.key = key;
  return {
    server: cluster.server,
    authority: authority?.toString() ?? '',
    tls,
    authorization: user?.token === undefined ? {} : { authorization: `Bearer ${user.token}` },
  };
}

function toError(status: number, text: string): ApiServerError {
  try {
    const { reason, message } = JSON.parse(text) as { reason?: string; message?: string };
    return new ApiServerError(status, reason ?? '', message ?? text);
  } catch {
    return new ApiServerError(status, '', text);
  }
}

async function* splitLines(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
}
