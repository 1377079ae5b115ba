import { createMallSync } from '../../adapters/kubernetes/mall-sync-create.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import { ClusterError } from '../../controller/cluster-error.ts';
import { systemClock } from '../../domain/clock.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { CommandIo } from '../command.ts';
import { defineCommand } from '../command.ts';
import { toClusterExitCode } from '../explain-failure.ts';
import { printJson } from '../print.ts';
import type { ClusterDoor } from '../use-cluster.ts';
import { useCluster } from '../use-cluster.ts';
import { useDatabase } from '../use-database.ts';
import type { CreateMallSync, DraftOutcome } from './create-drafts.ts';
import { createDrafts } from './create-drafts.ts';
import { findDueNight, waitForNight } from './due-night.ts';
import type { NightlySettings } from './nightly-settings.ts';
import { nightlySettings } from './nightly-settings.ts';
import { renderDrafts, renderOutcomes, toNightlyDocument } from './nightly-text.ts';
import { planDrafts } from './plan-drafts.ts';

export const nightlyCommand = defineCommand({
  name: 'nightly',
  summary: 'Create the night’s MallSyncs: yesterday, and what is missing',
  settings: nightlySettings,
  examples: [
    ['nightly', 'yesterday for all active malls, and each of the last days for the malls that lack it'],
    [
      'nightly --scheduled-at 2025-12-18T00:00:00+09:00',
      'the night of 17 December, once more: what exists is left alone',
    ],
    ['nightly --lookback-days MEMBER=1,ORDER=7 --dry-run', 'only show what a night with this look-back would create'],
    ['nightly --reread --domain ORDER', 'all orders since each mall’s first day: finds what changed late or is gone'],
  ],
  run: (settings, io) =>
    useDatabase(settings, { name: 'nightly', poolSize: 1 }, async (database) => {
      const scheduledAtMs = await findDueNight(database, settings);
      if (settings.dryRun) {
        io.stdout.write(renderDrafts(await planDrafts(settings, database, scheduledAtMs), settings.json));
        return EXIT.ok;
      }
      const outcomes = await useCluster(settings, io, null, (door) =>
        createNight(settings, { database, door }, scheduledAtMs, io),
      );
      if (settings.json) printJson(io, toNightlyDocument(scheduledAtMs, outcomes));
      else io.stdout.write(renderOutcomes(outcomes));
      return toExitCode(outcomes);
    }),
});

async function createNight(
  settings: NightlySettings,
  { database, door }: { readonly database: Database; readonly door: ClusterDoor },
  scheduledAtMs: number,
  { signal }: CommandIo,
): Promise<readonly DraftOutcome[]> {
  await waitForNight(database, scheduledAtMs, systemClock, signal);
  const drafts = await planDrafts(settings, database, scheduledAtMs);
  const { transport, namespace } = door;
  const create: CreateMallSync = (draft) => createMallSync(transport.calls, namespace, draft, signal);
  return await createDrafts(drafts, create, systemClock, signal);
}

/** What a later try may mend weighs more than what it will not. */
function toExitCode(outcomes: readonly DraftOutcome[]): ExitCode {
  const errors = outcomes.map(({ result }) => result).filter((result) => result instanceof ClusterError);
  const worst = errors.find(({ isTransient }) => isTransient) ?? errors[0];
  return worst === undefined ? EXIT.ok : toClusterExitCode(worst);
}
