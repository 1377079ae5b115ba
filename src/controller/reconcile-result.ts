/** How one look at a key ended, when nothing was thrown. */
export type ReconcileResult = { readonly kind: 'done' } | { readonly kind: 'later'; readonly afterMs: number };

export const DONE: ReconcileResult = { kind: 'done' };
