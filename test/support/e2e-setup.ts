import { delimiter, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findCluster, type E2eLab } from './e2e-cluster.ts';
import { openGiven } from './e2e-given.ts';
import { openK3s } from './e2e-k3s.ts';
import { openLab } from './e2e-lab.ts';
import { runTool } from './e2e-tool.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A cluster that runs real pods; MALLSYNC_E2E_KUBECONFIG, the lab or k3s in Docker. */
    readonly e2e: {
      /** Path of a kubeconfig with all rights. */
      readonly kubeconfig: string;
      /** Names that the nodes have. */
      readonly image: string;
      readonly postgresImage: string;
      /** Null where the node is not the lab's. */
      readonly lab: E2eLab | null;
      /** PATH with kubectl and helm on it. */
      readonly path: string;
    };
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { env } = process;
  const cluster = await findCluster([
    { name: 'MALLSYNC_E2E_KUBECONFIG', open: () => openGiven(env) },
    { name: 'the lab', open: () => openLab(env) },
    { name: 'k3s in Docker', open: () => openK3s(env) },
  ]);
  try {
    const { kubeconfig, image, postgresImage, lab } = cluster;
    const path = [...(lab === null ? [] : [join(lab.state, 'bin')]), env['PATH'] ?? ''].join(delimiter);
    await assertTools(path);
    project.provide('e2e', { kubeconfig, image, postgresImage, lab, path });
    return () => cluster.stop();
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function assertTools(path: string): Promise<void> {
  for (const [name, args] of [
    ['kubectl', ['version', '--client']],
    ['helm', ['version']],
  ] as const) {
    await runTool(name, args, { env: { ...process.env, PATH: path } }).catch((cause: unknown) => {
      throw new Error(`${name} must be on PATH for npm run test:e2e`, { cause });
    });
  }
}
