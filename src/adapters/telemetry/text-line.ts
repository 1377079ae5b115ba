const HIDDEN = new Set(['time', 'level', 'msg', 'error']);

interface LoggedLine {
  readonly time?: string;
  readonly level?: string;
  readonly msg?: string;
  readonly error?: { readonly message?: string; readonly stack?: string };
}

/** A JSON log line as a line for a person: `12:00:01 warn  message key=value`. The time is the reader's own. */
export function toTextLine(jsonLine: string): string {
  const line: LoggedLine & Record<string, unknown> = JSON.parse(jsonLine);
  const time = line.time === undefined ? '' : new Date(line.time).toTimeString().slice(0, 8);
  const fields = Object.entries(line)
    .filter(([key, value]) => !HIDDEN.has(key) && value !== null && value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? toWord(value) : JSON.stringify(value)}`);
  const error = line.error === undefined ? [] : [`error=${toWord(line.error.message ?? '')}`];
  const stack = line.level === 'debug' && line.error?.stack !== undefined ? `\n${line.error.stack}` : '';
  return `${[time, (line.level ?? '').padEnd(5), line.msg ?? '', ...fields, ...error].join(' ')}${stack}\n`;
}

function toWord(text: string): string {
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
