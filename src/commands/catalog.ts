import type { Command, CommandGroup } from './command.ts';

export interface CatalogEntry {
  readonly name: string;
  readonly summary: string;
  /** Loads the command's code, and with it only what that command needs. */
  load(): Promise<Command | CommandGroup>;
}

export const CATALOG: readonly CatalogEntry[] = [
  {
    name: 'demo',
    summary: 'A whole installation to try: PostgreSQL, a simulated Cafe24, twelve malls, one night’s run',
    load: async () => (await import('./demo/demo-command.ts')).demoCommand,
  },
  {
    name: 'run',
    summary: 'Read a period of many malls in this process',
    load: async () => (await import('./run/run-command.ts')).runCommand,
  },
  {
    name: 'serve',
    summary: 'Stay up: the nightly schedule, retry requests and the operator’s page',
    load: async () => (await import('./serve/serve-command.ts')).serveCommand,
  },
  {
    name: 'sync',
    summary: 'Read one mall, domain type and period: one execution to its end',
    load: async () => (await import('./sync/sync-command.ts')).syncCommand,
  },
  {
    name: 'nightly',
    summary: 'Create the night’s MallSyncs: yesterday, and what is missing',
    load: async () => (await import('./nightly/nightly-command.ts')).nightlyCommand,
  },
  {
    name: 'controller',
    summary: 'Watch MallSync resources: one Kubernetes Job per mall, outcomes recorded',
    load: async () => (await import('./controller/controller-command.ts')).controllerCommand,
  },
  {
    name: 'admin',
    summary: 'The operator’s page: see what failed and why, run exactly that again',
    load: async () => (await import('./admin/admin-command.ts')).adminCommand,
  },
  {
    name: 'admin-user',
    summary: 'Make one line of the page’s users file',
    load: async () => (await import('./admin/admin-user-command.ts')).adminUserCommand,
  },
  {
    name: 'malls',
    summary: 'Register, show and authorize malls',
    load: async () => (await import('./malls/malls-group.ts')).mallsGroup,
  },
  {
    name: 'status',
    summary: 'What ran, how it ended, and what is missing',
    load: async () => (await import('./status/status-command.ts')).statusCommand,
  },
  {
    name: 'errors',
    summary: 'Rejected rows: list, group, replay, ignore',
    load: async () => (await import('./errors/errors-group.ts')).errorsGroup,
  },
  {
    name: 'rerun',
    summary: 'Ask for a period to be read again, or re-run what failed',
    load: async () => (await import('./rerun/rerun-command.ts')).rerunCommand,
  },
  {
    name: 'migrate',
    summary: 'Bring the database to this version',
    load: async () => (await import('./migrate-command.ts')).migrateCommand,
  },
  {
    name: 'check',
    summary: 'Is this installation sound? Database, schema, keys, cluster and controller',
    load: async () => (await import('./check/check-command.ts')).checkCommand,
  },
  {
    name: 'prune',
    summary: 'Remove what is past its retention',
    load: async () => (await import('./prune-command.ts')).pruneCommand,
  },
  {
    name: 'erase',
    summary: 'Remove one member everywhere, for good',
    load: async () => (await import('./erase-command.ts')).eraseCommand,
  },
  {
    name: 'keys',
    summary: 'The encryption of stored credentials',
    load: async () => (await import('./keys-group.ts')).keysGroup,
  },
  {
    name: 'crd',
    summary: 'Print the CustomResourceDefinition of MallSync',
    load: async () => (await import('./crd-command.ts')).crdCommand,
  },
  {
    name: 'simulator',
    summary: 'A Cafe24 stand-in over HTTP',
    load: async () => (await import('./simulator-command.ts')).simulatorCommand,
  },
];
