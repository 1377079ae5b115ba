import type { ControllerLedger } from '../../controller/controller-ledger.ts';
import { admitMallSync } from './controller-admission.ts';
import { listOwners, loadWaiting, markLaunched } from './controller-launch.ts';
import { recordOutcomes, stopAll } from './controller-outcome.ts';
import { reportRequest } from './controller-request.ts';
import { loadState } from './controller-state.ts';
import { beat, inTerm, type ControllerTerm } from './controller-term.ts';
import { abandonLost } from './execution-stop.ts';

export interface ControllerLedgerOptions extends ControllerTerm {
  /** Where the installation's MallSyncs are. */
  readonly namespace: string;
}

/** As many calls run at once as the database has writer connections. */
export function createControllerLedger(term: ControllerLedgerOptions): ControllerLedger {
  const { database } = term;
  return {
    load: (mallSyncUid) => database.withSession((client) => loadState(database, client, mallSyncUid)),
    admit: (mallSync, spec) => admitMallSync(term, mallSync, spec),
    markLaunched: (launches) => markLaunched(term, launches),
    recordOutcomes: (mallSyncUid, outcomes) => recordOutcomes(term, mallSyncUid, outcomes),
    loadWaiting: (limit) => loadWaiting(term, limit),
    listOwners: () => listOwners(term),
    stopAll: (mallSyncUid, message) => stopAll(term, mallSyncUid, message),
    async abandonLost() {
      await beat(term);
      return await inTerm(term, (client) => abandonLost(database, client));
    },
    reportRequest: (requestId) => reportRequest(term, requestId),
  };
}
