/** A cluster whose nodes run real pods, and the images that are there. */
export interface E2eCluster {
  readonly kubeconfig: string;
  readonly image: string;
  readonly postgresImage: string;
  /** Null where the node is not the lab's: then nothing of it can be stopped or looked into. */
  readonly lab: E2eLab | null;
  stop(): Promise<void>;
}

export interface E2eLab {
  /** The folder of the scripts `up`, `down` and `load`. */
  readonly scripts: string;
  /** Its state: `pids/kubelet`, `pids/apiserver`, `logs/`, `bin/`. */
  readonly state: string;
  /** One JSON event a line; null where the API server was started without. */
  readonly auditLog: string | null;
  /** Where in it, in bytes, what this run of the suite does begins. */
  readonly auditFrom: number;
}

/** One place that a cluster may come from. */
export interface E2eSource {
  readonly name: string;
  /** A reason where this place has none. Rejects when it should have one but fails. */
  open(): Promise<E2eCluster | string>;
}

const HOW_TO = `npm run test:e2e needs a Kubernetes whose nodes run pods. Any one of these gives it one:
  MALLSYNC_E2E_KUBECONFIG=<kubeconfig with all rights>, with MALLSYNC_E2E_IMAGE and MALLSYNC_E2E_POSTGRES_IMAGE, which
    its nodes have or can pull
  the folder ../shared/lab beside this one, or where MALLSYNC_LAB says, as root on Debian
  a Docker engine that can pull rancher/k3s, or has the image that MALLSYNC_E2E_K3S_IMAGE names`;

/** Says what was tried, what came of it, and how to get a cluster. */
export class NoClusterError extends Error {
  constructor(tried: readonly string[]) {
    super(`${HOW_TO}\nTried, in this order:\n${tried.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'NoClusterError';
  }
}

/** The first source that has one. One that should have a cluster and fails ends the search: its reason is what counts. */
export async function findCluster(sources: readonly E2eSource[]): Promise<E2eCluster> {
  const tried: string[] = [];
  for (const source of sources) {
    const found = await source.open();
    if (typeof found !== 'string') {
      process.stderr.write(`cluster of the end-to-end tests: ${source.name}\n`);
      return found;
    }
    tried.push(`${source.name}: ${found}`);
  }
  throw new NoClusterError(tried);
}
