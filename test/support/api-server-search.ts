import type { ApiServerSource } from './api-server-source.ts';
import type { ApiServer } from './api-server.ts';

const HOW_TO = `The tests of test/cluster need a real kube-apiserver. Any one of these gives them one:
  KUBEBUILDER_ASSETS=<directory with etcd, kube-apiserver and kubectl>, as setup-envtest prints it
  MALLSYNC_TEST_KUBECONFIG=<kubeconfig of an API server without controllers that may be written to>
  access to github.com, for envtest's archive (linux-amd64)
  go 1.25 or newer and a module proxy: it is built once
  a Docker engine that can pull rancher/k3s, or has the image that MALLSYNC_TEST_K3S_IMAGE names`;

/** Says what was tried, what came of it, and how to get an API server. */
export class NoApiServerError extends Error {
  constructor(tried: readonly string[]) {
    super(`${HOW_TO}\nTried, in this order:\n${tried.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'NoApiServerError';
  }
}

/** The first source that has one. A source that fails is passed over, and named when no other has one. */
export async function findApiServer(sources: readonly ApiServerSource[]): Promise<ApiServer> {
  const tried: string[] = [];
  for (const source of sources) {
    try {
      const server = await source.open();
      if (server !== null) {
        process.stderr.write(`API server of the tests: ${source.name}\n`);
        return server;
      }
      tried.push(`${source.name}: none`);
    } catch (error) {
      tried.push(`${source.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new NoApiServerError(tried);
}
