import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { E2eLab } from './e2e-cluster.ts';
import type { ClusterTools } from './e2e-kubectl.ts';
import { runTool } from './e2e-tool.ts';

/** What a test does to the lab's node past Kubernetes. */
export interface LabControl {
  /** SIGKILL to the first process of a pod's container: nobody could do that from inside. */
  killContainer(pod: string, container: string): Promise<void>;
  /** The kubelet does nothing until the returned function is called; what runs on the node goes on. */
  freezeKubelet(): Promise<() => void>;
  /** SIGKILL to the API server, then a new one on the same data and with the same flags. */
  restartApiServer(): Promise<void>;
}

interface PodStatus {
  readonly status: {
    readonly containerStatuses?: readonly { readonly name: string; readonly containerID?: string }[];
  };
}

const POLL_MS = 50;

export function createLabControl(lab: E2eLab, tools: ClusterTools): LabControl {
  return {
    async killContainer(pod, container) {
      const { status } = await tools.kubectlJson<PodStatus>(['get', 'pod', pod]);
      const id = status.containerStatuses?.find(({ name }) => name === container)?.containerID;
      if (id === undefined) throw new Error(`${pod} has no container ${container} that runs`);
      const socket = join(lab.state, 'containerd', 'containerd.sock');
      // containerd://<id>
      await runTool('ctr', ['-a', socket, '-n', 'k8s.io', 'tasks', 'kill', '-s', 'SIGKILL', basename(id)]);
    },
    async freezeKubelet() {
      const pid = await readPid(lab, 'kubelet');
      process.kill(pid, 'SIGSTOP');
      return () => process.kill(pid, 'SIGCONT');
    },
    restartApiServer: () => restartApiServer(lab),
  };
}

type LabPlace = Pick<E2eLab, 'scripts' | 'state'>;

/** `flags`: those that only who brings the lab up knows of; left out: as they were. */
export async function restartApiServer(lab: LabPlace, flags?: readonly string[]): Promise<void> {
  const pid = await readPid(lab, 'apiserver');
  const next = flags ?? (await readOwnFlags(pid));
  process.kill(pid, 'SIGKILL');
  while (isAlive(pid)) await sleep(POLL_MS);
  await runTool(join(lab.scripts, 'up'), [], {
    env: { ...process.env, LAB_DIR: lab.state, LAB_APISERVER_FLAGS: next.join(' ') },
  });
}

async function readPid({ state }: LabPlace, name: string): Promise<number> {
  return Number(await readFile(join(state, 'pids', name), 'utf8'));
}

async function readOwnFlags(pid: number): Promise<readonly string[]> {
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  return words.filter((word) => word.startsWith('--audit-'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
