import { runProgram } from '../../support/program.ts';
import type { Camera } from './take.ts';
import { DARK, KOREAN, ON_PHONE } from './take.ts';

interface Scene {
  readonly camera: Camera;
  /** What other processes of the program need to work in the demo. */
  readonly environment: Record<string, string>;
}

/** The mall of the demo whose consent is lost, and the one with rows that cannot be stored. */
const [LOST, POISON] = [9, 8];

/** The main pages, each in the light, and some as they look elsewhere. */
export async function takeAll({ camera, environment }: Scene): Promise<void> {
  const runs = await listRuns(environment);
  const failed = runs.find(({ mallId, status }) => mallId === LOST && status === 'FAILED')?.executionId ?? 0;
  const spoilt = runs.find(({ mallId, domainType }) => mallId === POISON && domainType === 'ORDER')?.executionId ?? 0;
  const again = runs.filter(({ status }) => status === 'FAILED').map(({ executionId }) => executionId);
  await camera.take('runs', '/runs');
  await camera.take('runs-dark', '/runs', DARK);
  await camera.take('runs-phone', '/runs', ON_PHONE);
  await camera.take('runs-korean', '/runs', KOREAN);
  await camera.take('run', `/runs/${failed}`);
  await camera.take('run-rejected-rows', `/runs/${spoilt}`);
  await camera.take('run-again', `/runs/again?executions=${again.join(',')}`);
  await camera.take('malls', '/malls');
  await camera.take('mall', `/malls/${POISON}`);
  await camera.take('coverage', `/malls/${POISON}/coverage/ORDER`);
  await camera.take('new-run', '/new');
}

interface ListedRun {
  readonly executionId: number;
  readonly mallId: number;
  readonly domainType: string;
  readonly status: string;
}

async function listRuns(environment: Record<string, string>): Promise<readonly ListedRun[]> {
  const { stdout } = await runProgram(['status', '--json', '--limit', '1000'], environment);
  return JSON.parse(stdout) as readonly ListedRun[];
}
