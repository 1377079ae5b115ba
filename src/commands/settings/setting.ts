import { z } from 'zod';

/** Where a setting comes from and what to say of it. A flag or argument wins over the environment. */
export interface SettingSource {
  /** Commander's notation, e.g. `--page-size <rows>`. */
  readonly flag?: string;
  /** Commander's notation of a positional argument, e.g. `<file>`. */
  readonly argument?: string;
  readonly env?: string;
  readonly description: string;
  /** Completes the sentence "… must be …" for whoever gave something else. */
  readonly mustBe: string;
  /** The default as the documentation shows it, where it is not plain from the schema. */
  readonly defaultText?: string;
  /** Never repeated in a message. */
  readonly isSecret?: boolean;
  /** Takes several values: commas, or the flag again. */
  readonly isList?: boolean;
}

const SOURCES = z.registry<SettingSource>();

/** A schema of the setting's own with its source noted; it must not be wrapped afterwards. */
export function setting<Schema extends z.ZodType>(schema: Schema, source: SettingSource): Schema {
  const own = schema.clone();
  SOURCES.add(own, source);
  return own;
}

/** @throws Error when the schema was never given a source: a defect of the command. */
export function sourceOf(schema: z.core.$ZodType): SettingSource {
  const source = SOURCES.get(schema);
  if (source === undefined) throw new Error('a setting has no source');
  return source;
}

/** What a person recognizes the setting by: its flag, its argument or its variable. */
export function toSettingName(source: SettingSource): string {
  if (source.flag !== undefined) return source.flag.replace(/^-\w, /, '').replace(/[ =].*$/, '');
  return source.argument ?? source.env ?? '';
}

/** The default as the documentation shows it; undefined where the setting has none and must be given, or may be absent. */
export function toDefaultText(schema: z.core.$ZodType): string | undefined {
  const { defaultText } = sourceOf(schema);
  if (defaultText !== undefined) return defaultText;
  const { success, data } = z.safeParse(schema, undefined);
  if (!success) return undefined;
  if (Array.isArray(data)) return data.join(',');
  return typeof data === 'string' || typeof data === 'number' ? String(data) : undefined;
}

export function isRequired(schema: z.core.$ZodType): boolean {
  return !z.safeParse(schema, undefined).success;
}
