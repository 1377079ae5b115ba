import type { LogField } from './log-fields.ts';

export type LogFields = { readonly [Name in LogField]?: unknown };

/** `never` for text with values in it, and for text that is known at run time only. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- only what has no keys fits it
type Constant<Message extends string> = Record<never, never> extends Record<Message, 1> ? never : unknown;
type NoOthers<Fields> = { readonly [Name in keyof Fields]: Name extends LogField ? unknown : never };

/** A message that is no constant does not compile, nor does a field that the vocabulary lacks, wherever it comes from. */
export type LogCall = <const Message extends string, Fields extends LogFields>(
  message: Message & Constant<Message>,
  fields?: Fields & NoOthers<Fields>,
) => void;

/** A constant message with fields of one vocabulary, so that equal events can be found and counted. */
export interface Logger {
  readonly debug: LogCall;
  readonly info: LogCall;
  readonly warn: LogCall;
  readonly error: LogCall;
}

export type LogMethod = keyof Logger;
