import type { z } from 'zod';
import { object } from 'zod';
import { EXECUTION_SETTINGS } from '../settings/shared-settings.ts';

export const executionSettings = object(EXECUTION_SETTINGS);

/** What every process or thread that runs executions has to know. */
export type ExecutionSettings = z.output<typeof executionSettings>;
