import { z } from 'zod';

/** An ERROR event: the server gives the watch up. */
export class StreamError extends Error {
  /** As of HTTP; 0 where none was given. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'StreamError';
    this.code = code;
  }
}

const versioned = z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) });
const event = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: z.unknown() }),
  z.object({ type: z.literal('BOOKMARK'), object: versioned }),
  z.object({
    type: z.literal('ERROR'),
    object: z.object({ code: z.int().nullish(), reason: z.string().nullish(), message: z.string().nullish() }),
  }),
]);

const identified = z.object({
  metadata: z.object({ name: z.string().min(1), uid: z.string().min(1), resourceVersion: z.string().min(1) }),
});

export interface ObjectIdentity {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

export type WatchEvent =
  | { readonly kind: 'put' | 'delete'; readonly raw: unknown; readonly identity: ObjectIdentity }
  | { readonly kind: 'bookmark'; readonly identity: Pick<ObjectIdentity, 'resourceVersion'> };

/**
 * @throws StreamError for an ERROR event
 * @throws ZodError when it is no event
 */
export function parseWatchEvent(raw: unknown): WatchEvent {
  const parsed = event.parse(raw);
  if (parsed.type === 'ERROR') {
    const { code, reason, message } = parsed.object;
    throw new StreamError(code ?? 0, `the server ended the watch: ${reason ?? 'no reason'}: ${message ?? ''}`);
  }
  if (parsed.type === 'BOOKMARK') return { kind: 'bookmark', identity: parsed.object.metadata };
  const kind = parsed.type === 'DELETED' ? 'delete' : 'put';
  return { kind, raw: parsed.object, identity: parseIdentity(parsed.object) };
}

/** @throws ZodError when it is no object of a cluster */
export function parseIdentity(raw: unknown): ObjectIdentity {
  return identified.parse(raw).metadata;
}
