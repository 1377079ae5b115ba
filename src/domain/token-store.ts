import type { Credential, CredentialState, TokenPair } from './credential.ts';

export type RefreshClaim = 'claimed' | 'held-by-another' | 'generation-moved' | 'not-active';

/** The shared store of credentials. Its methods are short transactions; none is open during a token call. */
export interface TokenStore {
  /** @throws TerminalError ConfigInvalid when the mall has no credential. */
  load(mallId: number): Promise<Credential>;
  /** Becomes the one refresher of `generation` for `claimSeconds`, or says why not. An expired claim can be taken over. */
  claimRefresh(mallId: number, generation: number, claimSeconds: number): Promise<RefreshClaim>;
  /**
   * Stores the pair as `generation + 1` where the generation is still `generation`; false when it has moved on. A repeat
   * after a lost answer is false as well: the store then holds this very pair.
   */
  saveTokens(mallId: number, generation: number, pair: TokenPair): Promise<boolean>;
  /** Gives the claim back without a new pair. */
  releaseRefresh(mallId: number, generation: number): Promise<void>;
  /** Records that a person must act; ignored when the generation has moved on. */
  markState(mallId: number, generation: number, state: CredentialState): Promise<void>;
}
