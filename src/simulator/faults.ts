import type { Endpoint, Fault, OauthEndpoint } from './fault-schema.ts';

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** The fault that strikes this call, if any; the first one added wins. */
  take(endpoint: Endpoint | OauthEndpoint, shopNo: number): Fault | undefined;
  list(): readonly Fault[];
}

interface ArmedFault {
  readonly fault: Fault;
  readonly endsAtMs: number;
  callsToPass: number;
  strikesLeft: number;
}

const OAUTH: ReadonlySet<string> = new Set<OauthEndpoint>(['authorize', 'token', 'revoke']);

function isAbout(fault: Fault, endpoint: Endpoint | OauthEndpoint, shopNo: number): boolean {
  if (fault.shopNo !== undefined && fault.shopNo !== shopNo) return false;
  return fault.endpoint === '*' ? !OAUTH.has(endpoint) : fault.endpoint === endpoint;
}

export function createFaults(now: () => number): Faults {
  let armed: ArmedFault[] = [];
  return {
    add(fault) {
      const endsAtMs = Math.min(fault.untilMs ?? Infinity, fault.forMs === undefined ? Infinity : now() + fault.forMs);
      armed.push({ fault, endsAtMs, callsToPass: fault.afterCalls, strikesLeft: fault.times ?? Infinity });
    },
    clear() {
      armed = [];
    },
    take(endpoint, shopNo) {
      if (armed.length === 0) return undefined;
      const time = now();
      armed = armed.filter((entry) => entry.strikesLeft > 0 && time < entry.endsAtMs);
      for (const entry of armed) {
        if (!isAbout(entry.fault, endpoint, shopNo)) continue;
        if (entry.callsToPass > 0) {
          entry.callsToPass--;
          continue;
        }
        entry.strikesLeft--;
        return entry.fault;
      }
      return undefined;
    },
    list: () => armed.filter((entry) => entry.strikesLeft > 0 && now() < entry.endsAtMs).map((entry) => entry.fault),
  };
}
