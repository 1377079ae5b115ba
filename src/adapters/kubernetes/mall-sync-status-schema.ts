import { z } from 'zod';
import { CONDITION_TYPES } from '../../controller/mall-sync.ts';

/** The API server refuses a status with longer texts or lists; letters are counted as it counts them. */
export const STATUS_LIMITS = { messageLetters: 4_096, explanationLetters: 4_096, failures: 20 } as const;

const CAMEL_CASE = /^[A-Z][A-Za-z0-9]*$/;

function count(description: string): z.ZodInt {
  return z.int().min(0).meta({ description, format: 'int64' });
}

function instant(description: string): z.ZodString {
  return z.string().max(32).meta({ description, format: 'date-time' });
}

const generation = count('The metadata.generation that this was said of.');

const condition = z
  .object({
    type: z.enum(CONDITION_TYPES).meta({
      description:
        'Admitted: the malls are known and their executions are in the ledger. Progressing: something runs or waits. ' +
        'Succeeded: Unknown until the end, then whether all malls are complete. Degraded: something needs a person.',
    }),
    status: z.enum(['True', 'False', 'Unknown']).meta({ description: 'True, False or Unknown.' }),
    reason: z.string().min(1).max(128).regex(CAMEL_CASE).meta({ description: 'One word for machines.' }),
    message: z.string().max(STATUS_LIMITS.messageLetters).meta({ description: 'One or two sentences for people.' }),
    observedGeneration: generation,
    lastTransitionTime: instant('Since when the condition has this status.'),
  })
  .meta({ description: 'One thing that is so, is not so, or is not known yet.' });

const failure = z
  .object({
    mallId: z.int().min(1).meta({ description: 'The number of the mall.', format: 'int64' }),
    reason: z.string().min(1).max(128).regex(CAMEL_CASE).meta({ description: 'The word of the failure.' }),
    message: z.string().max(STATUS_LIMITS.messageLetters).meta({ description: 'What happened.' }),
    attempt: z.int().min(1).optional().meta({ description: 'The attempt that failed; absent where none was made.' }),
    executionId: z.int().min(1).optional().meta({
      description: 'The execution that failed, as `mallsync status --execution` shows it; absent where none was made.',
      format: 'int64',
    }),
  })
  .meta({ description: 'One mall that failed or was refused.' });

export const mallSyncStatus = z
  .object({
    observedGeneration: generation,
    conditions: z
      .array(condition)
      .max(8)
      .meta({
        description: 'Admitted, Progressing, Succeeded and Degraded.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      }),
    malls: z
      .object({
        total: count('All malls of this MallSync.'),
        waiting: count('Not started yet.'),
        active: count('Their Job is there.'),
        succeeded: count('Complete, no row rejected.'),
        withRejects: count('Complete, but some rows were rejected: see `mallsync errors`.'),
        alreadyComplete: count('Complete before; nothing was read.'),
        refused: count('Not admitted, because the same is running elsewhere or cannot be read.'),
        failed: count('Ended without success.'),
        stopped: count('Ended by cancel, or by hand.'),
      })
      .meta({ description: 'How the malls stand. Each is counted once, so that all others add up to total.' }),
    rows: z
      .object({
        read: count('Rows that the API gave.'),
        inserted: count('Rows that are new in the database.'),
        updated: count('Rows that had changed.'),
        unchanged: count('Rows that the database had already.'),
        rejected: count('Rows that were kept aside: see `mallsync errors`.'),
      })
      .meta({ description: 'What came of the rows, over all malls and attempts of this MallSync.' }),
    failures: z
      .array(failure)
      .max(STATUS_LIMITS.failures)
      .meta({
        description: 'The first malls that failed or were refused, by number; all of them are in `mallsync status`.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['mallId'],
      }),
    explanation: z.string().max(STATUS_LIMITS.explanationLetters).meta({
      description: 'How it stands, what to do about it, and when it is looked at next, in a sentence or two.',
    }),
    startTime: instant('When it was admitted.').optional(),
    completionTime: instant('When the last mall was done; absent while one is not.').optional(),
  })
  .meta({ description: 'How it stands. Written by the controller only.' });
