import { faultSchema, type Fault, type FaultInput } from './fault-schema.ts';
import type { EndpointStats } from './call-stats.ts';
import { createMallState, type MallState } from './mall-state.ts';
import {
  behaviourSchema,
  simulatedMallSchema,
  type BehaviourChange,
  type MallBehaviour,
  type MallSettings,
  type SimulatedMall,
} from './mall.ts';
import { rowEditSchema, type RowEditInput } from './row-edit-schema.ts';
import { editRows } from './row-editor.ts';
import type { SimulatorClock } from './simulator-clock.ts';
import { readTruth, readTruthObjects, type Truth } from './truth.ts';
import type { TruthQuery } from './truth-query.ts';

interface MallStats {
  readonly endpoints: Readonly<Record<string, EndpointStats>>;
  readonly calls: number;
  readonly tooManyRequests: number;
  readonly tokenRequests: number;
  readonly tokensAlive: number;
  readonly maxCallsPerSecond: number;
}

interface MallOverview {
  readonly settings: MallSettings;
  readonly behaviour: MallBehaviour;
  readonly faults: readonly Fault[];
}

/** What a test or a person may do to the simulated world while it runs; the same acts stand open over HTTP. */
export interface SimulatorControl {
  listMalls(): MallOverview[];
  addMall(mall: SimulatedMall): void;
  readTruth(cafe24MallId: string, query: TruthQuery): Promise<Truth>;
  /** The sound rows themselves, as the API gives them; orders with items. */
  readRows(cafe24MallId: string, query: TruthQuery): AsyncGenerator<Record<string, unknown>>;
  addFault(cafe24MallId: string, fault: FaultInput): void;
  clearFaults(cafe24MallId: string): void;
  /** The keys of the rows edited; empty when the edit waits for later calls. */
  editRows(cafe24MallId: string, edit: RowEditInput): string[];
  changeBehaviour(cafe24MallId: string, change: BehaviourChange): void;
  /** Kills every token: only a new consent helps. */
  revokeConsent(cafe24MallId: string): void;
  expireAccessTokens(cafe24MallId: string): void;
  readStats(cafe24MallId: string): MallStats;
  resetStats(cafe24MallId: string): void;
  shiftClock(ms: number): void;
}

export class UnknownMall extends Error {}

function toStats(mall: MallState, nowMs: number): MallStats {
  const endpoints = mall.stats.read();
  const all = Object.values(endpoints);
  return {
    endpoints,
    calls: all.reduce((sum, stats) => sum + stats.calls, 0),
    tooManyRequests: all.reduce((sum, stats) => sum + (stats.byStatus['429'] ?? 0), 0),
    tokenRequests: endpoints['token']?.calls ?? 0,
    tokensAlive: mall.tokens.countAlive(nowMs),
    maxCallsPerSecond: mall.calls.highest,
  };
}

export function createControl(malls: Map<string, MallState>, seed: number, clock: SimulatorClock): SimulatorControl {
  function get(cafe24MallId: string): MallState {
    const mall = malls.get(cafe24MallId);
    if (mall === undefined) throw new UnknownMall(`no mall ${cafe24MallId}`);
    return mall;
  }

  return {
    listMalls: () =>
      Array.from(malls.values(), ({ settings, behaviour, faults }) => ({ settings, behaviour, faults: faults.list() })),
    addMall(mall) {
      const settings = simulatedMallSchema.parse(mall);
      if (malls.has(settings.cafe24MallId)) throw new RangeError(`mall ${settings.cafe24MallId} exists`);
      malls.set(settings.cafe24MallId, createMallState(settings, seed, clock));
    },
    readTruth: (id, query) => readTruth(get(id).data, query, clock.nowMs()),
    readRows: (id, query) => readTruthObjects(get(id).data, query, clock.nowMs()),
    addFault: (id, fault) => get(id).faults.add(faultSchema.parse(fault)),
    clearFaults: (id) => get(id).faults.clear(),
    editRows: (id, edit) => editRows(get(id), rowEditSchema.parse(edit)),
    changeBehaviour(id, change) {
      const mall = get(id);
      const { behaviour } = mall;
      mall.behaviour = behaviourSchema.parse({
        ...behaviour,
        ...change,
        order: { ...behaviour.order, ...change.order },
        limitCap: { ...behaviour.limitCap, ...change.limitCap },
      });
    },
    revokeConsent: (id) => get(id).tokens.revokeAll(),
    expireAccessTokens: (id) => get(id).tokens.expireAccessTokens(clock.nowMs()),
    readStats: (id) => toStats(get(id), clock.nowMs()),
    resetStats: (id) => get(id).stats.reset(),
    shiftClock: (ms) => clock.shift(ms),
  };
}
