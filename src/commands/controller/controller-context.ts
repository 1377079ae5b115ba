import type { Database } from '../../adapters/postgres/database.ts';
import type { Logger } from '../../adapters/telemetry/log.ts';
import type { CommandIo } from '../command.ts';
import type { ControllerSettings } from './controller-settings.ts';

/** What the parts of `controller` share. */
export interface ControllerContext {
  readonly settings: ControllerSettings;
  readonly io: CommandIo;
  readonly database: Database;
  readonly log: Logger;
}
