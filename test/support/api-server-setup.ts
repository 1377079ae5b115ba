import type { TestProject } from 'vitest/node';
import { openApiServer } from './api-server-client.ts';
import { applyDefinition } from './api-server-definition.ts';
import { findApiServer, NoApiServerError } from './api-server-search.ts';
import { listSources } from './api-server-source.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A real API server with the CRD. */
    readonly apiServer: {
      /** Path of a kubeconfig with all rights; empty where there is no API server: then every test is skipped. */
      readonly kubeconfig: string;
      /** Path of the audit log, one JSON event a line; null where the server is not the suite's own. */
      readonly auditLog: string | null;
    };
  }
}

/** One API server for the whole project, with the CRD applied. Without any, CI fails and others are told. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  try {
    const server = await findApiServer(listSources(process.env));
    const client = openApiServer(server.kubeconfig);
    await applyDefinition(client).finally(() => client.close());
    project.provide('apiServer', { kubeconfig: server.kubeconfig, auditLog: server.auditLog });
    return () => server.stop();
  } catch (error) {
    if (!(error instanceof NoApiServerError) || process.env['CI'] === 'true') throw error;
    process.stderr.write(
      `\n*** SKIPPED: every test that needs an API server (test/support/cluster-runner.ts) ***\n${error.message}\n`,
    );
    project.provide('apiServer', { kubeconfig: '', auditLog: null });
    return () => Promise.resolve();
  }
}
