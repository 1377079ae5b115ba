import type { FaultInput } from '../../src/simulator/fault-schema.ts';
import type { BehaviourChange } from '../../src/simulator/mall.ts';
import type { Truth } from '../../src/simulator/truth.ts';
import type { TruthQuery } from '../../src/simulator/truth-query.ts';
import type { E2eNamespace } from './e2e-namespace.ts';

/** The simulator in the cluster. */
export interface ClusterSimulator {
  /** From this machine, by a forward. */
  readonly url: string;
  readonly control: ClusterSimulatorControl;
}

export interface ClusterSimulatorControl {
  readTruth(cafe24MallId: string, query: TruthQuery): Promise<Truth>;
  addFault(cafe24MallId: string, fault: FaultInput): Promise<void>;
  clearFaults(cafe24MallId: string): Promise<void>;
  changeBehaviour(cafe24MallId: string, change: BehaviourChange): Promise<void>;
  revokeConsent(cafe24MallId: string): Promise<void>;
  readStats(cafe24MallId: string): Promise<{ readonly calls: number; readonly tokenRequests: number }>;
}

export async function openClusterSimulator(namespace: E2eNamespace, release: string): Promise<ClusterSimulator> {
  const { port } = await namespace.forward(`service/${release}-simulator`, 18_080);
  const url = `http://127.0.0.1:${port}`;
  const ask = async <T>(method: string, mall: string, act: string, body?: unknown): Promise<T> => {
    const request = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(`${url}/_simulator/malls/${mall}/${act}`, request);
    if (!answer.ok) throw new Error(`${method} ${act} of ${mall}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    url,
    control: {
      readTruth: (mall, { domainType, startDate, endDate }) => {
        const query = new URLSearchParams({ domainType, startDate, endDate });
        return ask<Truth>('GET', mall, `truth?${query.toString()}`);
      },
      addFault: (mall, fault) => ask('POST', mall, 'faults', fault),
      clearFaults: (mall) => ask('DELETE', mall, 'faults'),
      changeBehaviour: (mall, change) => ask('PATCH', mall, 'behaviour', change),
      revokeConsent: (mall) => ask('POST', mall, 'consent', { act: 'revoke' }),
      readStats: (mall) => ask('GET', mall, 'stats'),
    },
  };
}
