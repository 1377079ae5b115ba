interface QuotaSettings {
  readonly rateLimit: boolean;
  readonly quotaCalls: number;
  readonly quotaProcessingMs: number;
  readonly quotaWindowSeconds: number;
}

interface UsageState {
  readonly isBlocked: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Usage of one mall over all endpoints, in calls and in processing time. Both drain evenly, a full quota in one window;
 * a call made while blocked is refused and still adds to the usage, up to a block of 600 seconds.
 */
export interface UsageQuota {
  take(nowMs: number, settings: QuotaSettings): UsageState;
  addProcessing(ms: number): void;
  /** Blocks the mall as if its calls had been used up, whatever the settings say. */
  block(nowMs: number, seconds: number): void;
}

const LONGEST_BLOCK_SECONDS = 600;

function toRemain(level: number, quota: number, windowSeconds: number): number {
  return Math.max(1, Math.min(LONGEST_BLOCK_SECONDS, Math.ceil((level - quota) / (quota / windowSeconds))));
}

export function createUsageQuota(): UsageQuota {
  let calls = 0;
  let processingMs = 0;
  let updatedAtMs = 0;
  let blockedUntilMs = 0;
  let isFreshBlock = false;

  function drain(nowMs: number, settings: QuotaSettings): void {
    const share = Math.max(0, nowMs - updatedAtMs) / 1000 / settings.quotaWindowSeconds;
    calls = Math.max(0, calls - share * settings.quotaCalls);
    processingMs = Math.max(0, processingMs - share * settings.quotaProcessingMs);
    updatedAtMs = nowMs;
  }

  /** The share of the quota in percent; a block shows as more than all of it. */
  function toHeaders(nowMs: number, settings: QuotaSettings): Record<string, string> {
    const { quotaCalls, quotaProcessingMs, quotaWindowSeconds } = settings;
    const blockSeconds = Math.max(0, Math.ceil((blockedUntilMs - nowMs) / 1000));
    const callPercent = Math.max((calls / quotaCalls) * 100, blockSeconds > 0 ? 100 + blockSeconds / 10 : 0);
    const timePercent = (processingMs / quotaProcessingMs) * 100;
    const callRemain = blockSeconds > 0 ? blockSeconds : toRemain(calls, quotaCalls, quotaWindowSeconds);
    const timeRemain = toRemain(processingMs, quotaProcessingMs, quotaWindowSeconds);
    return {
      'x-cafe24-call-usage': callPercent.toFixed(2),
      'x-cafe24-time-usage': timePercent.toFixed(2),
      ...(callPercent >= 100 ? { 'x-cafe24-call-remain': String(callRemain) } : {}),
      ...(timePercent >= 100 ? { 'x-cafe24-time-remain': String(timeRemain) } : {}),
    };
  }

  return {
    take(nowMs, settings) {
      drain(nowMs, settings);
      const isForced = nowMs < blockedUntilMs;
      if (isForced && !isFreshBlock) {
        blockedUntilMs = Math.min(nowMs + LONGEST_BLOCK_SECONDS * 1000, blockedUntilMs + 1000);
      }
      isFreshBlock = false;
      const mostCalls = settings.quotaCalls * (1 + LONGEST_BLOCK_SECONDS / settings.quotaWindowSeconds);
      calls = Math.min(mostCalls, calls + 1);
      const isUsedUp = calls > settings.quotaCalls || processingMs > settings.quotaProcessingMs;
      return { isBlocked: isForced || (settings.rateLimit && isUsedUp), headers: toHeaders(nowMs, settings) };
    },
    addProcessing(ms) {
      processingMs += ms;
    },
    block(nowMs, seconds) {
      blockedUntilMs = nowMs + seconds * 1000;
      isFreshBlock = true;
    },
  };
}
