export type LogFields = Readonly<Record<string, unknown>>;

/** A constant message with fields, so that equal events can be found and counted. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogMethod = keyof Logger;
