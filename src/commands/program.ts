import { Command as Commander, CommanderError, Option } from 'commander';
import type { z } from 'zod';
import { EXIT } from '../domain/exit-code.ts';
import type { ExitCode } from '../domain/exit-code.ts';
import { CATALOG } from './catalog.ts';
import type { Command, CommandGroup, CommandIo } from './command.ts';
import { explainFailure } from './explain-failure.ts';
import { createProcessIo } from './process-io.ts';
import type { GivenFlags } from './settings/read-settings.ts';
import { readSettings } from './settings/read-settings.ts';
import type { SettingSource } from './settings/setting.ts';
import { sourceOf, toDefaultText } from './settings/setting.ts';
import { readVersion } from './version.ts';

interface Outcome {
  exitCode: ExitCode;
}

/** Runs one command line to its end and ends the process with the command's exit code. */
export async function runProgram(args: readonly string[]): Promise<void> {
  const { io, close } = createProcessIo(process);
  const exitCode = await runCommandLine(args, io);
  await close();
  process.exit(exitCode);
}

export async function runCommandLine(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  const outcome: Outcome = { exitCode: EXIT.ok };
  try {
    const program = await buildProgram(args, io, outcome);
    await program.parseAsync(args, { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { exitCode, text } = explainFailure(error, io.environment['MALLSYNC_LOG_LEVEL']);
    io.stderr.write(text);
    return exitCode;
  }
}

async function buildProgram(args: readonly string[], io: CommandIo, outcome: Outcome): Promise<Commander> {
  const program = new Commander('mallsync')
    .description('Reads the members, orders and sales of many Cafe24 malls into one PostgreSQL.')
    .version(readVersion())
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(add --help for the settings and examples)')
    .exitOverride();
  const wanted = args.find((arg) => !arg.startsWith('-'));
  const isWanted = (name: string): boolean => name === wanted || (wanted === 'help' && args.includes(name));
  for (const entry of CATALOG) {
    const child = program.command(entry.name).description(entry.summary);
    if (isWanted(entry.name)) addLoaded(child, await entry.load(), io, outcome);
  }
  return program;
}

function addLoaded(target: Commander, loaded: Command | CommandGroup, io: CommandIo, outcome: Outcome): void {
  if (!('commands' in loaded)) {
    addCommand(target, loaded, io, outcome);
    return;
  }
  for (const command of loaded.commands) {
    addCommand(target.command(command.name).description(command.summary), command, io, outcome);
  }
}

function addCommand(target: Commander, command: Command, io: CommandIo, outcome: Outcome): void {
  const toKey = new Map<string, string>();
  const positional: string[] = [];
  const usage = ['[options]'];
  for (const [key, field] of Object.entries(command.settings.shape)) {
    const source = sourceOf(field);
    if (source.argument !== undefined) {
      // optional to Commander, so that a missing one is reported together with all other faults
      target.argument(source.argument.replace(/^<(.*)>$/, '[$1]'), source.description);
      usage.push(source.argument);
      positional.push(key);
    } else if (source.flag !== undefined) {
      const option = buildOption(source, field);
      toKey.set(option.attributeName(), key);
      target.addOption(option);
    }
  }
  target.usage(usage.join(' '));
  target.addHelpText('after', () => describeSurroundings(command));
  target.action(async (...received: unknown[]) => {
    const options = target.opts<Record<string, string | string[] | boolean>>();
    const flags: Record<string, GivenFlags[string]> = {};
    for (const [name, value] of Object.entries(options)) flags[toKey.get(name) ?? name] = value;
    for (const [index, key] of positional.entries()) {
      const value = received[index];
      if (typeof value === 'string') flags[key] = value;
    }
    outcome.exitCode = await command.run(readSettings(command.settings, flags, io.environment), io);
  });
}

function buildOption(source: SettingSource, field: z.core.$ZodType): Option {
  const named = source.env === undefined ? source.description : `${source.description} [${source.env}]`;
  const option = new Option(source.flag ?? '', `${named}${describeDefault(field)}`);
  if (source.isList === true) {
    option.argParser<string[]>((value, previous) => [...(Array.isArray(previous) ? previous : []), value]);
  }
  return option;
}

function describeDefault(field: z.core.$ZodType): string {
  const text = toDefaultText(field);
  return text === undefined ? '' : ` (default: ${text})`;
}

function describeSurroundings(command: Command): string {
  const variables = Object.values(command.settings.shape)
    .map((field) => ({ field, source: sourceOf(field) }))
    .filter(({ source }) => source.env !== undefined && source.flag === undefined)
    .map(({ field, source }) => `  ${source.env}\n      ${source.description}${describeDefault(field)}`);
  const examples = command.examples.map(([line, purpose]) => `  # ${purpose}\n  mallsync ${line}`);
  const sections = [
    ...(variables.length > 0 ? [`Environment:\n${variables.join('\n')}`] : []),
    `Examples:\n${examples.join('\n')}`,
  ];
  return `\n${sections.join('\n\n')}`;
}
