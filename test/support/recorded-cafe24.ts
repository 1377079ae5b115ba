import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { atFileEnd } from './file-end.ts';

/** A way to the simulated Cafe24 that keeps what passes: all that a process of the program can have learnt of it. */
export interface RecordedCafe24 {
  /** With `{mall_id}` in it. */
  readonly cafe24Url: string;
  /** Tokens, codes and client credentials, in either direction. */
  readonly secrets: ReadonlySet<string>;
  /** Every object of every answer that is JSON, rows and what is in them. */
  readonly objects: readonly Readonly<Record<string, unknown>>[];
  /** Answers by the last part of their address. */
  readonly calls: ReadonlyMap<string, number>;
}

const SECRET_FIELDS = ['access_token', 'refresh_token', 'code', 'code_verifier', 'token'];

/** Ends with the test file. */
export async function recordCafe24(simulatorUrl: string): Promise<RecordedCafe24> {
  const secrets = new Set<string>();
  const objects: Record<string, unknown>[] = [];
  const calls = new Map<string, number>();

  function keepRequest({ headers }: IncomingMessage, body: string): void {
    const [, credential] = /^\w+ (.+)$/.exec(headers.authorization ?? '') ?? [];
    if (credential !== undefined) secrets.add(credential);
    const form = new URLSearchParams(body);
    for (const name of SECRET_FIELDS) for (const value of form.getAll(name)) secrets.add(value);
  }

  function keepAnswer(path: string, body: string): void {
    const endpoint = path.split('?')[0]?.split('/').at(-1) ?? '';
    calls.set(endpoint, (calls.get(endpoint) ?? 0) + 1);
    for (const object of listObjects(parseJson(body))) {
      objects.push(object);
      for (const name of SECRET_FIELDS) if (typeof object[name] === 'string') secrets.add(object[name]);
    }
  }

  const server = createServer((incoming, outgoing) => {
    void forward(simulatorUrl, incoming, outgoing, keepRequest, keepAnswer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atFileEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { cafe24Url: `http://127.0.0.1:${port}/{mall_id}`, secrets, objects, calls };
}

async function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  keepRequest: (incoming: IncomingMessage, body: string) => void,
  keepAnswer: (path: string, body: string) => void,
): Promise<void> {
  const body = await readAll(incoming).catch(() => Buffer.alloc(0));
  keepRequest(incoming, body.toString());
  const { method = 'GET', url = '/', headers } = incoming;
  const passed = request(new URL(url, target), { method, headers });
  outgoing.once('close', () => passed.destroy());
  passed.once('error', () => outgoing.destroy());
  passed.once('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      outgoing.write(chunk);
    });
    answer.once('error', () => outgoing.destroy());
    answer.once('close', () => {
      keepAnswer(url, Buffer.concat(chunks).toString());
      outgoing.end();
    });
  });
  passed.end(body);
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Undefined for what was cut off, or never was JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function listObjects(value: unknown): readonly Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(listObjects);
  if (typeof value !== 'object' || value === null) return [];
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(listObjects)];
}
