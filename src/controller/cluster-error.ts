/** What the API server's refusal means to whoever asked. */
export type ClusterErrorKind =
  | 'not-found'
  | 'already-exists'
  /** Someone else changed the object, or a precondition does not hold. */
  | 'conflict'
  /** The resource version is too old (410): list again. */
  | 'gone'
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'throttled'
  | 'unavailable'
  /** No answer within the deadline: whether it was carried out is unknown. */
  | 'timeout';

export interface ClusterErrorOptions extends ErrorOptions {
  /** HTTP status; absent where there was no answer. */
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** Refused because the namespace is being deleted. */
  readonly isNamespaceEnding?: boolean;
}

export class ClusterError extends Error {
  readonly kind: ClusterErrorKind;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** The namespace is being deleted: nothing more can be made in it. */
  readonly isNamespaceEnding: boolean;

  constructor(kind: ClusterErrorKind, message: string, options: ClusterErrorOptions = {}) {
    super(message, options);
    this.name = 'ClusterError';
    this.kind = kind;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.isNamespaceEnding = options.isNamespaceEnding ?? false;
  }

  /** May succeed when the same is asked again. */
  get isTransient(): boolean {
    return (
      this.kind === 'throttled' || this.kind === 'unavailable' || this.kind === 'timeout' || this.kind === 'conflict'
    );
  }
}

export function isClusterError(thrown: unknown, kind: ClusterErrorKind): thrown is ClusterError {
  return thrown instanceof ClusterError && thrown.kind === kind;
}
