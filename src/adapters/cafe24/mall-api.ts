import type { Clock } from '../../domain/clock.ts';
import type { Mall } from '../../domain/mall.ts';
import type { CallMeter } from '../../engine/page-source.ts';
import { createClient } from './client.ts';
import type { Cafe24Client } from './client.ts';
import { parseMallUrl } from './mall-url.ts';
import { createPacer } from './pacer.ts';
import type { Pacer, Patience } from './pacer.ts';
import type { RateBudget } from '../../domain/rate-budget.ts';
import { TokenKeeper } from './token-keeper.ts';
import type { TokenObserver, TokenSettings } from './token-keeper.ts';
import type { TokenStore } from '../../domain/token-store.ts';
import type { Transport } from './transport.ts';

export interface MallApiDependencies {
  readonly mall: Pick<Mall, 'mallId' | 'cafe24MallId'>;
  readonly transport: Transport;
  readonly budget: RateBudget;
  readonly tokenStore: TokenStore;
  readonly meter: CallMeter;
  readonly clock: Clock;
  /** With `{mall_id}` in host or path. */
  readonly urlTemplate: string;
  readonly apiVersion: string;
  readonly isBackfill: boolean;
  readonly retryLostConsent: boolean;
  readonly tokenObserver: TokenObserver;
  readonly tokenSettings?: TokenSettings;
  readonly patience?: Patience;
  /** Instead of the pace that the budget allows. */
  readonly pacer?: Pacer | undefined;
}

/** The Admin API of one mall, as one run uses it. */
export interface MallApi {
  readonly client: Cafe24Client;
  readonly tokens: TokenKeeper;
  /** Resolves when no token refresh is under way any more. Await it before the process exits. */
  close(): Promise<void>;
}

/** @throws TerminalError ConfigInvalid when the URL template or the mall's id is malformed. */
export function openMallApi(dependencies: MallApiDependencies): MallApi {
  const { mall, transport, budget, tokenStore, meter, clock, isBackfill, patience } = dependencies;
  const { mallId } = mall;
  const mallUrl = parseMallUrl(dependencies.urlTemplate, mall.cafe24MallId);
  const tokens = new TokenKeeper({
    store: tokenStore,
    budget,
    mallId,
    transport,
    clock,
    meter,
    mallUrl,
    observer: dependencies.tokenObserver,
    retryLostConsent: dependencies.retryLostConsent,
    ...(dependencies.tokenSettings === undefined ? {} : { settings: dependencies.tokenSettings }),
  });
  const pacer =
    dependencies.pacer ??
    createPacer({ budget, mallId, isBackfill, meter, clock, ...(patience === undefined ? {} : { patience }) });
  const client = createClient({ transport, mallUrl, apiVersion: dependencies.apiVersion, tokens, pacer, meter, clock });
  return { client, tokens, close: () => tokens.close() };
}
