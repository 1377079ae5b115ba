import { readFile, writeFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import type { ClusterWorld } from './cluster-world.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A way of a controller's own that can be cut until the test ends, and the settings by which it goes that way. */
export interface Way {
  readonly proxy: TcpProxy;
  readonly environment: Readonly<Record<string, string>>;
}

export async function openWayToApi({ client, kubeconfig }: ClusterWorld): Promise<Way> {
  const server = new URL(client.server);
  const proxy = await startProxyTo(server);
  const text = await readFile(kubeconfig, 'utf8');
  const path = `${kubeconfig}-${proxy.port}`;
  await writeFile(path, text.replace(server.origin, `https://${proxy.host}:${proxy.port}`), { mode: 0o600 });
  return { proxy, environment: { KUBECONFIG: path } };
}

export async function openWayToDatabase({ database }: ClusterWorld): Promise<Way> {
  const url = new URL(database.url);
  const proxy = await startProxyTo(url);
  url.hostname = proxy.host;
  url.port = String(proxy.port);
  return { proxy, environment: { MALLSYNC_DATABASE_URL: url.href } };
}

async function startProxyTo(url: URL): Promise<TcpProxy> {
  const proxy = await startTcpProxy(url.hostname, Number(url.port));
  onTestFinished(() => proxy.close());
  return proxy;
}
