import type { Clock } from '../../domain/clock.ts';
import { TerminalError, TransientError } from '../../domain/errors.ts';
import type { CallMeter } from '../../engine/page-source.ts';
import { HttpFailure, toTransientError } from './http-failure.ts';
import type { Query } from './list-resource.ts';
import type { MallUrl } from './mall-url.ts';
import { toQueryString } from './mall-url.ts';
import type { Pacer } from './pacer.ts';
import { parseBody } from './parse-body.ts';
import type { Bucket } from '../../domain/rate-budget.ts';
import { decideOutcome } from './status-policy.ts';
import type { AccessToken, TokenKeeper } from './token-keeper.ts';
import type { HttpAnswer, Transport } from './transport.ts';
import { readCallLimits } from './usage-headers.ts';

/** Pinned, since without it the version set for the app in the developer centre decides. */
export const DEFAULT_API_VERSION = '2026-03-01';

interface ApiCall {
  /** Below `/api/v2/admin/`. */
  readonly path: string;
  readonly bucket: Bucket;
  readonly query: Query;
}

interface ApiAnswer {
  readonly body: unknown;
  /** The answer's Date header in epoch milliseconds. */
  readonly observedAtMs: number;
  readonly bytes: number;
}

/** Reads from the Admin API of one mall. */
export interface Cafe24Client {
  /**
   * One GET, with the waits of the rate budget and one repeat after a refused token inside.
   * @throws TransientError where a repeat may help, TerminalError where not, the signal's reason when it aborted.
   */
  get(call: ApiCall, signal: AbortSignal): Promise<ApiAnswer>;
}

export interface ClientDependencies {
  readonly transport: Transport;
  readonly mallUrl: MallUrl;
  readonly apiVersion: string;
  readonly tokens: Pick<TokenKeeper, 'current' | 'renew' | 'noteUninstalled'>;
  readonly pacer: Pacer;
  readonly meter: CallMeter;
  readonly clock: Clock;
}

export function createClient(dependencies: ClientDependencies): Cafe24Client {
  return {
    get: (call, signal) => runCall(dependencies, call, signal),
  };
}

async function runCall(dependencies: ClientDependencies, call: ApiCall, signal: AbortSignal): Promise<ApiAnswer> {
  const { tokens, pacer, clock } = dependencies;
  const { endpoint } = call.bucket;
  const sinceMs = clock.monotonicMs();
  let wasTokenRefused = false;
  for (let refusals = 0; ;) {
    // The token first: a permit ages while it waits for one. Once more after the permit, which may have taken hours.
    await tokens.current(signal);
    await pacer.take(call.bucket, signal);
    const token = await tokens.current(signal);
    const sentAtMs = clock.nowMs();
    const answer = await exchange(dependencies, call, token, signal);
    const outcome = decideOutcome(answer, endpoint, refusals);
    if (outcome.kind === 'ok') return toApiAnswer(answer, endpoint, sentAtMs);
    if (outcome.kind === 'failed') {
      if (outcome.error.reason === 'AppUninstalled') await tokens.noteUninstalled(token.generation);
      throw outcome.error;
    }
    if (outcome.kind === 'token-refused') {
      if (wasTokenRefused) throw new TerminalError('AuthFailed', `Cafe24 refused a fresh token at ${endpoint} (401)`);
      wasTokenRefused = true;
      await tokens.renew(token.generation, signal);
      continue;
    }
    refusals += 1;
    const isQuota = outcome.kind === 'quota-spent';
    await pacer.block(isQuota ? '*' : endpoint, outcome.blockMs);
    pacer.assertPatience(endpoint, isQuota, sinceMs);
  }
}

async function exchange(
  { transport, mallUrl, apiVersion, pacer, meter, clock }: ClientDependencies,
  call: ApiCall,
  token: AccessToken,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { endpoint } = call.bucket;
  const query = toQueryString(call.query);
  const sentMs = clock.monotonicMs();
  try {
    const answer = await transport.exchange(
      {
        method: 'GET',
        origin: mallUrl.origin,
        path: `${mallUrl.prefix}/api/v2/admin/${call.path}${query === '' ? '' : `?${query}`}`,
        headers: {
          authorization: `Bearer ${token.value}`,
          'content-type': 'application/json',
          accept: 'application/json',
          'x-cafe24-api-version': apiVersion,
        },
      },
      signal,
    );
    meter.addCall(endpoint, String(answer.status));
    // A report that cannot be stored costs accuracy only, and no page that has been paid for.
    const report = { ...readCallLimits(answer.headers), ageMs: clock.monotonicMs() - sentMs };
    await pacer.report(call.bucket, report).catch(() => undefined);
    return answer;
  } catch (thrown) {
    if (signal.aborted) meter.addCall(endpoint, 'aborted');
    if (!(thrown instanceof HttpFailure)) throw thrown;
    meter.addCall(endpoint, thrown.kind);
    throw toTransientError(thrown, endpoint);
  }
}

function toApiAnswer(answer: HttpAnswer, endpoint: string, sentAtMs: number): ApiAnswer {
  const dateMs = Date.parse(answer.headers.get('date') ?? '');
  return {
    body: parseAnswer(answer.body, endpoint),
    observedAtMs: Number.isNaN(dateMs) ? sentAtMs : dateMs,
    bytes: answer.body.length,
  };
}

/** The error of the parser is dropped: it quotes the text, and that is a mall's data. */
function parseAnswer(body: Buffer, endpoint: string): unknown {
  try {
    return parseBody(body);
  } catch {
    throw new TransientError('UpstreamUnavailable', `the answer of ${endpoint} is not whole JSON`, {
      maySucceedSmaller: true,
    });
  }
}
