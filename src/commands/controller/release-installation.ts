import { randomUUID } from 'node:crypto';
import { releaseJobs } from '../../adapters/kubernetes/release.ts';
import { createControllerLedger } from '../../adapters/postgres/controller-ledger.ts';
import { drawEpoch } from '../../adapters/postgres/controller-term.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import { TransientError } from '../../domain/errors.ts';
import { useCluster } from '../use-cluster.ts';
import type { ControllerContext } from './controller-context.ts';
import { readInstallationId } from './installation.ts';

const MESSAGE = 'the installation was released';

/**
 * Lets go of everything before the program is uninstalled. A term of its own bars a controller that still runs; then
 * executions are stopped before the Jobs lose their finalizers, so that no outcome is lost.
 * @throws TransientError when some Jobs could not be released; it may be run again
 */
export async function releaseInstallation({ settings, io, database, log }: ControllerContext): Promise<void> {
  await useCluster(settings, io, null, async ({ transport, namespace }) => {
    const { signal } = io;
    const place = { clusterId: settings.clusterId, namespace };
    const installationId = await readInstallationId(transport.calls, place, signal);
    const stopped = await stopExecutions({ database, installationId, namespace }, MESSAGE);
    const { deleted, left } = await releaseJobs({ client: transport.calls, namespace }, signal);
    log.info('released', { installationId, stopped, deleted, left: left.length });
    const [first] = left;
    if (first === undefined) return;
    throw new TransientError('Bug', `${left.length} Jobs are left, the first is ${first.name}: ${first.message}`);
  });
}

interface Installation {
  readonly database: Database;
  readonly installationId: string;
  readonly namespace: string;
}

/** Stops all live executions of an installation, in a term of its own. @returns how many */
export async function stopExecutions(installation: Installation, message: string): Promise<number> {
  const epoch = await drawEpoch(installation.database, installation.installationId, `release_${randomUUID()}`);
  const ledger = createControllerLedger({ ...installation, epoch });
  let stopped = 0;
  for (const { uid } of await ledger.listOwners()) stopped += await ledger.stopAll(uid, message);
  return stopped;
}
