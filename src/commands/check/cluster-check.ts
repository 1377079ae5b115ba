import { randomBytes } from 'node:crypto';
import { tryMallSync } from '../../adapters/kubernetes/mall-sync-create.ts';
import type { ClusterErrorKind } from '../../controller/cluster-error.ts';
import { ClusterError } from '../../controller/cluster-error.ts';
import type { MallSyncDraft } from '../../controller/mall-sync.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { buildDaysBefore } from '../../domain/period.ts';
import { toClusterExitCode } from '../explain-failure.ts';
import type { ClusterDoor } from '../use-cluster.ts';
import type { Check, Finding } from './check.ts';

const GIVE_CREDENTIALS = 'give a kubeconfig, or run it in a pod with a service account';
const ADVICE: Readonly<Partial<Record<ClusterErrorKind, string>>> = {
  unauthorized: GIVE_CREDENTIALS,
  forbidden: 'let its service account create mallsyncs in this namespace',
  'not-found': 'apply the definition that `mallsync crd` prints, and check --namespace',
  invalid: 'apply the definition that `mallsync crd` prints: the one in the cluster is another',
};
const ASK_LATER = 'ask again when the API server answers';

type UseCluster = <T>(work: (door: ClusterDoor) => Promise<T>) => Promise<T>;

/** That the API server takes a MallSync, by a dry run that leaves nothing behind. */
export function createClusterCheck(useCluster: UseCluster, nowMs: number): Check {
  return {
    name: 'mallsyncs',
    async run(signal) {
      try {
        return await useCluster(async ({ transport, namespace }): Promise<Finding> => {
          await tryMallSync(transport.calls, namespace, buildTrial(nowMs), signal);
          return { exitCode: EXIT.ok, found: `a MallSync would be taken in namespace ${namespace}` };
        });
      } catch (error) {
        if (!(error instanceof ClusterError)) throw error;
        const advice = error.isTransient ? ASK_LATER : ADVICE[error.kind];
        return { exitCode: toExitCode(error), found: error.message, ...(advice === undefined ? {} : { advice }) };
      }
    },
  };
}

/** Members of yesterday, as anybody could ask for them. */
function buildTrial(nowMs: number): MallSyncDraft {
  const { startDate, endDate } = buildDaysBefore(nowMs, 1);
  return {
    name: `check-dry-run-${randomBytes(4).toString('hex')}`,
    labels: {},
    spec: { domainType: 'MEMBER', startDate, endDate, trigger: 'MANUAL', requestedBy: 'mallsync check' },
  };
}

function toExitCode(error: ClusterError): ExitCode {
  return error.kind === 'forbidden' || error.kind === 'unauthorized' ? EXIT.permission : toClusterExitCode(error);
}
