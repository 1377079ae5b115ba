import type { Database } from '../../adapters/postgres/database.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { defineCommand } from '../command.ts';
import { createCommandLog } from '../log.ts';
import { useDatabase } from '../use-database.ts';
import { controllerSettings } from './controller-settings.ts';
import { runController } from './run-controller.ts';
import { releaseInstallation } from './release-installation.ts';

export const controllerCommand = defineCommand({
  name: 'controller',
  summary: 'Watch MallSync resources: one Kubernetes Job per mall, outcomes recorded',
  settings: controllerSettings,
  examples: [
    ['controller --job-image registry.example/mallsync:0.1.0', 'in the foreground, on the cluster of the kubeconfig'],
    [
      'controller --job-image registry.example/mallsync:0.1.0 --release',
      'before it is uninstalled: let go of all Jobs',
    ],
  ],
  async run(settings, io) {
    // one connection for each worker’s ledger write, for the launcher, the sweep and the retry requests
    const use = { name: 'controller', poolSize: 3, writerConnections: settings.workers + 3 };
    // a leader that freezes inside a transaction must not hold the next term's epoch up for longer than it led
    const own = { ...settings, leaseSeconds: settings.leaderLeaseSeconds };
    return await useDatabase(own, use, async (database: Database) => {
      const context = { settings, io, database, log: createCommandLog(settings, io) };
      await (settings.release ? releaseInstallation(context) : runController(context));
      return EXIT.ok;
    });
  },
});
