import { EXIT } from '../domain/exit-code.ts';
import { SettingsError } from './settings/read-settings.ts';

/** Input of the command line that only its use showed to be wrong. */
export function createUsageError(fault: string): SettingsError {
  return new SettingsError(EXIT.usage, [fault]);
}
