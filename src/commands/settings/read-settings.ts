import type { z } from 'zod';
import type { ExitCode } from '../../domain/exit-code.ts';
import { EXIT } from '../../domain/exit-code.ts';
import type { SettingSource } from './setting.ts';
import { sourceOf, toSettingName } from './setting.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the command line gave, by the setting's key. */
export type GivenFlags = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** All faults of a command's input at once; nothing has happened yet. */
export class SettingsError extends Error {
  readonly exitCode: ExitCode;
  readonly faults: readonly string[];

  constructor(exitCode: ExitCode, faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'SettingsError';
    this.exitCode = exitCode;
    this.faults = faults;
  }
}

interface Found {
  readonly value: unknown;
  /** The flag, argument or variable that the value came from, or that should have given it. */
  readonly name: string;
  readonly isUsage: boolean;
}

/**
 * Reads a command's settings from its flags and the environment.
 * @throws SettingsError with exit code 64 when a flag or argument is at fault, 78 when only the environment is.
 */
export function readSettings<Schema extends z.ZodObject>(
  schema: Schema,
  flags: GivenFlags,
  environment: Environment,
): z.output<Schema> {
  const found = new Map(
    Object.entries(schema.shape).map(([key, field]) => [key, findValue(sourceOf(field), flags[key], environment)]),
  );
  const result = schema.safeParse(Object.fromEntries([...found].map(([key, { value }]) => [key, value])));
  if (result.success) return result.data;
  const faulty = [...new Set(result.error.issues.map((issue) => String(issue.path[0])))];
  const faults = faulty.map((key) => describeFault(key, schema, found, result.error.issues));
  const isUsage = faulty.some((key) => found.get(key)?.isUsage !== false);
  throw new SettingsError(isUsage ? EXIT.usage : EXIT.config, faults);
}

function findValue(source: SettingSource, given: GivenFlags[string], environment: Environment): Found {
  if (given !== undefined) {
    const value = source.isList === true ? splitList(given) : given;
    return { value, name: toSettingName(source), isUsage: true };
  }
  const variable = source.env === undefined ? undefined : environment[source.env];
  const text = variable === '' ? undefined : variable;
  const value = text !== undefined && source.isList === true ? splitList(text) : text;
  const cameFromVariable = source.env !== undefined && (text !== undefined || source.flag === undefined);
  return { value, name: cameFromVariable ? source.env : toSettingName(source), isUsage: !cameFromVariable };
}

function splitList(given: string | readonly string[] | boolean): readonly string[] {
  return [given]
    .flat()
    .flatMap((text) => String(text).split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

function describeFault(
  key: string,
  schema: z.ZodObject,
  found: ReadonlyMap<string, Found>,
  issues: readonly z.core.$ZodIssue[],
): string {
  const field = schema.shape[key];
  const { value, name } = found.get(key) ?? { value: undefined, name: key };
  if (field === undefined) return `${name} is not a setting`;
  const source = sourceOf(field);
  const own = issues.find(
    (issue) => issue.code === 'custom' && issue.path[0] === key && issue.message !== 'Invalid input',
  );
  if (own !== undefined) return `${name} ${own.message}`;
  if (value === undefined) return `${name} is missing: it must be ${source.mustBe}`;
  if (source.isSecret === true) return `${name} must be ${source.mustBe}`;
  const shown = Array.isArray(value) ? value.join(',') : value;
  return `${name} must be ${source.mustBe}, not ${JSON.stringify(shown)}`;
}
