/** What an error answer says of itself, as far as it can be read: envelope, flat OAuth body, plain text or nothing. */
export interface ErrorBody {
  /** The OAuth word (`invalid_grant`), or the Admin API's code as text; empty when there is none. */
  readonly code: string;
  readonly message: string;
  /** The parameter that a 422 names. */
  readonly parameter: string | undefined;
}

const LONGEST_ERROR_BYTES = 16 * 1024;
const NAMED_PARAMETER = /\(parameter\.([a-z0-9_]{1,40})\)/i;

export function readErrorBody(body: Buffer): ErrorBody {
  const text = body.subarray(0, LONGEST_ERROR_BYTES).toString('utf8');
  const parsed = parseObject(text);
  if (parsed === undefined) return { code: '', message: text, parameter: undefined };
  const envelope = isObject(parsed['error']) ? parsed['error'] : undefined;
  const message = envelope
    ? toText(envelope['message'])
    : toText(parsed['error_description'] ?? parsed['error_message'] ?? parsed['message']);
  const code = envelope ? toText(envelope['code']) : toText(parsed['error'] ?? parsed['error_code']);
  return { code, message, parameter: NAMED_PARAMETER.exec(message)?.[1] };
}

/*
 * The one place that reads meaning from wording, for what neither a status nor a code tells: three kinds of 403 look alike.
 */

/** The mall has removed the app. */
export function saysAppIsGone(error: ErrorBody): boolean {
  return /uninstall|not\s+installed|(?:deleted|removed)[\w\s]*\bapp\b|\bapp\b[\w\s]*(?:deleted|removed)/i.test(
    `${error.code.replaceAll('_', ' ')} ${error.message}`,
  );
}

/** The mall never granted what the endpoint takes, whoever the app is. */
export function saysScopeIsMissing(error: ErrorBody): boolean {
  return /scope|permission|\bmall\.(?:read|write)_/i.test(error.message);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
