import type { LogFields, Logger } from '../../adapters/telemetry/log.ts';
import type { ControllerLedger } from '../../controller/controller-ledger.ts';

type Look = Pick<LogFields, 'reconcileId' | 'mallSync' | 'domainType'>;

/** The ledger for one look, which tells the log what the look wrote: the lines of a run from its admission to its outcome. */
export function createToldLedger(ledger: ControllerLedger, log: Logger, look: Look): ControllerLedger {
  return {
    ...ledger,
    async admit(mallSync, spec) {
      const state = await ledger.admit(mallSync, spec);
      log.info('MallSync admitted', { ...look, malls: state.malls?.length ?? 0, executions: state.runs.length });
      return state;
    },
    async markLaunched(launches) {
      await ledger.markLaunched(launches);
      log.info('Jobs launched', { ...look, executionIds: launches.map(({ executionId }) => executionId) });
    },
    async recordOutcomes(mallSyncUid, outcomes) {
      const state = await ledger.recordOutcomes(mallSyncUid, outcomes);
      const recorded = new Set(outcomes.map(({ executionId }) => executionId));
      for (const { executionId, mallId, attemptCount, status, failureReason, isRecorded } of state.runs) {
        if (!isRecorded || !recorded.has(executionId)) continue;
        log.info('outcome recorded', { ...look, executionId, mallId, attemptCount, status, reason: failureReason });
      }
      return state;
    },
  };
}
