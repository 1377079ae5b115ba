import type { IncomingHttpHeaders } from 'node:http';
import type { MallState } from './mall-state.ts';
import type { SimulatorClock } from './simulator-clock.ts';

/** One HTTP call to a mall. */
export interface SimulatorCall {
  readonly mall: MallState;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string;
  /** The call's address without its query. */
  readonly address: string;
  readonly clock: SimulatorClock;
  readBody(): Promise<string>;
  /** Resolves after the delay, or rejects when the simulator stops. */
  pause(ms: number): Promise<void>;
}
