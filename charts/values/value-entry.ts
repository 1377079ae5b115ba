import { z } from 'zod';

/** A value, or a group of values, as it stands in values.yaml. */
export interface ValueEntry {
  readonly key: string;
  readonly description: string;
  /** Undefined in groups. */
  readonly byDefault?: unknown;
  /** Empty in values. */
  readonly entries: readonly ValueEntry[];
}

/** @throws Error where a value lacks its description or its default: a defect of the schema */
export function listEntries(group: z.ZodObject, path: readonly string[] = []): readonly ValueEntry[] {
  return Object.entries<z.ZodType>(group.shape).map(([key, field]) => {
    const where = [...path, key];
    const { description } = field;
    if (description === undefined) throw new Error(`${where.join('.')} has no description`);
    if (field instanceof z.ZodObject) return { key, description, entries: listEntries(field, where) };
    const byDefault = z.safeParse(field, undefined);
    if (!byDefault.success) throw new Error(`${where.join('.')} has no default`);
    return { key, description, byDefault: byDefault.data, entries: [] };
  });
}
