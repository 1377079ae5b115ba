import { z } from 'zod';
import type { DomainType } from '../../domain/domain-type.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { MallImportError, type ImportFault } from './mall-import-fault.ts';

const text = z
  .string()
  .min(1)
  .max(500)
  .refine((value) => value.isWellFormed() && !value.includes('\0'), 'must be plain text');

const importRow = z
  .strictObject({
    mallId: z.int().positive(),
    cafe24MallId: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{1,49}$/, 'must be the mall’s host name part: 2 to 50 small letters, digits or dashes'),
    name: text.optional(),
    active: z.boolean().optional(),
    domainTypes: z.array(z.enum(DOMAIN_TYPES)).min(1).optional(),
    shopNos: z.array(z.int().positive()).min(1).nullable().optional(),
    labels: z.record(text, text).optional(),
    settings: z.record(text, z.json()).optional(),
    clientId: text.optional(),
    clientSecret: text.optional(),
    // null stands for absent, as a list made from another system says it
    refreshToken: text.nullish().transform((token) => token ?? undefined),
  })
  .refine((row) => (row.clientId === undefined) === (row.clientSecret === undefined), {
    path: ['clientSecret'],
    error: 'clientId and clientSecret must be given together',
  })
  .refine((row) => row.refreshToken === undefined || row.clientId !== undefined, {
    path: ['refreshToken'],
    error: 'needs clientId and clientSecret',
  });

/** A mall as a file or the command line gives it. What is undefined keeps its stored value, or gets its default. */
export interface MallImport {
  readonly mallId: number;
  readonly cafe24MallId: string;
  readonly name: string | undefined;
  readonly active: boolean | undefined;
  readonly domainTypes: readonly DomainType[] | undefined;
  readonly shopNos: readonly number[] | null | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly settings: Readonly<Record<string, unknown>> | undefined;
  readonly client: MallClient | undefined;
  readonly refreshToken: string | undefined;
}

export interface MallClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * The list of a `malls import` file.
 * @throws MallImportError that names every fault by entry and field, never by value.
 */
export function parseMallImports(content: unknown): readonly MallImport[] {
  const parsed = z.array(importRow).min(1).safeParse(content);
  if (!parsed.success) throw new MallImportError(parsed.error.issues.map(toFault));
  const faults = [...findRepeated(parsed.data, 'mallId'), ...findRepeated(parsed.data, 'cafe24MallId')];
  if (faults.length > 0) throw new MallImportError(faults);
  return parsed.data.map(({ clientId, clientSecret, ...row }) => ({
    mallId: row.mallId,
    cafe24MallId: row.cafe24MallId,
    name: row.name,
    active: row.active,
    domainTypes: row.domainTypes === undefined ? undefined : [...new Set(row.domainTypes)],
    shopNos: row.shopNos === undefined || row.shopNos === null ? row.shopNos : [...new Set(row.shopNos)],
    labels: row.labels,
    settings: row.settings,
    client: clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret },
    refreshToken: row.refreshToken,
  }));
}

function toFault({ path: [index, ...fields], message }: z.core.$ZodIssue): ImportFault {
  return { entry: index === undefined ? null : Number(index) + 1, field: fields.join('.'), kind: 'value', message };
}

function findRepeated(
  rows: readonly z.infer<typeof importRow>[],
  field: 'mallId' | 'cafe24MallId',
): readonly ImportFault[] {
  const firstAt = new Map<unknown, number>();
  const faults: ImportFault[] = [];
  for (const [index, row] of rows.entries()) {
    const first = firstAt.get(row[field]);
    if (first !== undefined)
      faults.push({ entry: index + 1, field, kind: 'repeated', message: `repeats entry ${first + 1}` });
    else firstAt.set(row[field], index);
  }
  return faults;
}
