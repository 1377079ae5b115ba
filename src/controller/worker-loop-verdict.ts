import { LeaseLostError, SyncError, TerminalError, TransientError } from '../domain/errors.ts';
import { ClusterError } from './cluster-error.ts';

/** What the workers do about something that a reconcile threw. */
export type FailureVerdict =
  /** Another leader has taken over: everything stops. */
  | { readonly kind: 'lease-lost'; readonly error: LeaseLostError }
  /** Somebody was faster; nothing is wrong, and the next look sees what they did. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'error'; readonly retryAfterMs: number | undefined }
  /** Fails the same way until somebody mends something: trying at once is of no use. */
  | { readonly kind: 'terminal' }
  /** Thrown by mistake: a defect, which a later look may yet survive. */
  | { readonly kind: 'panic' };

/** Every refusal of the API server is tried again: rights, quotas and webhooks are mended without a word to us. */
export function judgeFailure(thrown: unknown): FailureVerdict {
  if (thrown instanceof LeaseLostError) return { kind: 'lease-lost', error: thrown };
  if (thrown instanceof ClusterError) {
    return thrown.kind === 'conflict' ? { kind: 'conflict' } : { kind: 'error', retryAfterMs: thrown.retryAfterMs };
  }
  if (thrown instanceof TerminalError) return { kind: 'terminal' };
  if (thrown instanceof SyncError) {
    return { kind: 'error', retryAfterMs: thrown instanceof TransientError ? thrown.retryAfterMs : undefined };
  }
  return { kind: 'panic' };
}
