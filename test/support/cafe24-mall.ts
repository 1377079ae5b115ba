import { atFileEnd } from './file-end.ts';
import type { Credential } from '../../src/domain/credential.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { createRunMeter } from '../../src/engine/call-meter.ts';
import type { RunMeter } from '../../src/engine/call-meter.ts';
import { DEFAULT_API_VERSION } from '../../src/adapters/cafe24/client.ts';
import { openMallApi } from '../../src/adapters/cafe24/mall-api.ts';
import type { MallApi, MallApiDependencies } from '../../src/adapters/cafe24/mall-api.ts';
import { createTransport, DEFAULT_TRANSPORT } from '../../src/adapters/cafe24/transport.ts';
import type { TransportSettings } from '../../src/adapters/cafe24/transport.ts';
import type { SimulatedMall } from '../../src/simulator/mall.ts';
import { startSimulator } from '../../src/simulator/start.ts';
import type { Simulator } from '../../src/simulator/start.ts';
import { createMemoryTokenStore, createOpenBudget } from './cafe24-memory.ts';
import type { MemoryTokenStore } from './cafe24-memory.ts';

export const NEVER = new AbortController().signal;

/** A simulated mall and, beside it, our adapter to it on stores in memory. */
export interface SimulatedApi extends MallApi {
  readonly id: string;
  readonly meter: RunMeter;
  readonly store: MemoryTokenStore;
  readonly budget: ReturnType<typeof createOpenBudget>;
  readonly dependencies: MallApiDependencies;
}

export interface TestSimulator {
  readonly simulator: Simulator;
  openApi(mall?: Partial<SimulatedMall>, change?: Partial<MallApiDependencies>): SimulatedApi;
}

export const SHORT_DEADLINES: TransportSettings = {
  ...DEFAULT_TRANSPORT,
  connectTimeoutMs: 1_000,
  headersTimeoutMs: 400,
  bodyTimeoutMs: 400,
  callTimeoutMs: 1_000,
};

/** A simulator for the calling test file, stopped when the file ends. */
export async function createTestSimulator(): Promise<TestSimulator> {
  const simulator = await startSimulator({ malls: [], seed: 7 });
  const transport = createTransport(systemClock, SHORT_DEADLINES);
  const open: MallApi[] = [];
  let malls = 0;
  atFileEnd(async () => {
    await Promise.all(open.map((api) => api.close()));
    await transport.close();
    await simulator.stop();
  });
  return {
    simulator,
    openApi(mall = {}, change = {}) {
      malls += 1;
      const id = mall.cafe24MallId ?? `mall-${malls}`;
      const refreshToken = `first-refresh-token-${id}`;
      const client = { clientId: 'app', clientSecret: 'secret' };
      simulator.control.addMall({ ...client, refreshToken, ...mall, cafe24MallId: id });
      const store = createMemoryTokenStore(buildCredential({ cafe24MallId: id, ...client, refreshToken }));
      const budget = createOpenBudget();
      const meter = createRunMeter(systemClock);
      const dependencies: MallApiDependencies = {
        mall: { mallId: 1, cafe24MallId: id },
        transport,
        budget,
        tokenStore: store,
        meter,
        clock: systemClock,
        urlTemplate: simulator.cafe24Url,
        apiVersion: DEFAULT_API_VERSION,
        isBackfill: false,
        retryLostConsent: false,
        tokenObserver: {},
        ...change,
      };
      const api = openMallApi(dependencies);
      open.push(api);
      return { ...api, id, meter, store, budget, dependencies };
    },
  };
}

function buildCredential(change: Partial<Credential> = {}): Credential {
  return {
    mallId: 1,
    cafe24MallId: 'mall-1',
    clientId: 'app',
    clientSecret: 'secret',
    accessToken: null,
    accessExpiresAtMs: null,
    refreshToken: 'first',
    refreshExpiresAtMs: null,
    generation: 0,
    state: 'ACTIVE',
    ...change,
  };
}
