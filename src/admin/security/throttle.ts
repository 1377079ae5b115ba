import { isIP } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface Throttle {
  /** Counts a try before it is judged. @returns seconds to wait, or null when it may be made */
  admit(address: string, name: string): Promise<number | null>;
  /** The try was right: those of this name from this address no longer count. */
  forgive(address: string, name: string): Promise<void>;
}

const WINDOW_SECONDS = 900;
/** A person who mistypes has enough of the first; the other two are for guesses spread over names or addresses. */
const TRIES = { pair: 5, address: 30, name: 30 } as const;

export function createThrottle(): Throttle {
  const limits = [
    { limiter: create(TRIES.pair), toKey: (address: string, name: string) => `${toNetwork(address)} ${toKey(name)}` },
    { limiter: create(TRIES.address), toKey: (address: string) => toNetwork(address) },
    { limiter: create(TRIES.name), toKey: (_address: string, name: string) => toKey(name) },
  ];
  return {
    async admit(address, name) {
      const waits = await Promise.all(limits.map(({ limiter, toKey: key }) => consume(limiter, key(address, name))));
      const longest = Math.max(...waits);
      return longest === 0 ? null : longest;
    },
    async forgive(address, name) {
      await Promise.all(
        limits.map(({ limiter, toKey: key }, index) =>
          index === 0 ? limiter.delete(key(address, name)) : limiter.reward(key(address, name), 1),
        ),
      );
    },
  };
}

function create(points: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<number> {
  try {
    await limiter.consume(key);
    return 0;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
    throw refusal;
  }
}

/** One household has a whole /64 of IPv6 addresses. */
function toNetwork(address: string): string {
  return isIP(address) === 6 ? address.split(':').slice(0, 4).join(':') : address;
}

function toKey(name: string): string {
  return name.slice(0, 100).toLowerCase();
}
