import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { KUBERNETES_SETTINGS } from '../settings/kubernetes-settings.ts';
import { setting } from '../settings/setting.ts';
import { DATABASE_SETTINGS, ENCRYPTION_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { useCluster } from '../use-cluster.ts';
import { useAnyDatabase } from '../use-database.ts';
import { runChecks, toCheckExitCode } from './check.ts';
import { renderChecks, toCheckDocument } from './check-text.ts';
import { createClusterCheck } from './cluster-check.ts';
import { createControllerCheck } from './controller-check.ts';
import { listDatabaseChecks } from './database-checks.ts';

export const checkCommand = defineCommand({
  name: 'check',
  summary: 'Is this installation sound? Database, schema, keys, cluster and controller',
  settings: z.object({
    ...DATABASE_SETTINGS,
    ...ENCRYPTION_SETTINGS,
    ...KUBERNETES_SETTINGS,
    ...JSON_SETTINGS,
    controllerUrl: setting(z.url({ protocol: /^https?$/ }).optional(), {
      flag: '--controller-url <address>',
      env: 'MALLSYNC_CONTROLLER_URL',
      description: 'Where the controller answers /readyz',
      defaultText: 'none: it is not asked',
      mustBe: 'an http or https address like http://mallsync-controller:9464',
    }),
  }),
  examples: [
    ['check', 'one line a check: what it found, and what to do'],
    ['check --controller-url http://mallsync-controller:9464', 'ask the controller, too'],
  ],
  async run(settings, io) {
    const results = await useAnyDatabase(settings, { name: 'check' }, (database) =>
      runChecks(
        [
          ...listDatabaseChecks(database, settings),
          createClusterCheck((work) => useCluster(settings, io, null, work), Date.now()),
          createControllerCheck(settings.controllerUrl ?? null),
        ],
        io.signal,
      ),
    );
    if (settings.json) printJson(io, toCheckDocument(results));
    else io.stdout.write(renderChecks(results));
    return toCheckExitCode(results);
  },
});
