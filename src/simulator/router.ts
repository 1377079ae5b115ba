import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerAdmin } from './admin-api.ts';
import { answerControl, type RowStream } from './control-routes.ts';
import type { SimulatorControl } from './control.ts';
import { buildApiError, buildJsonAnswer, type HttpAnswer } from './http-answer.ts';
import type { MallState } from './mall-state.ts';
import { answerAuthorize, answerRevoke } from './oauth-consent.ts';
import { answerToken } from './oauth-token.ts';
import type { SimulatorCall } from './simulator-call.ts';
import type { SimulatorClock } from './simulator-clock.ts';

export interface World {
  readonly malls: ReadonlyMap<string, MallState>;
  readonly control: SimulatorControl;
  readonly clock: SimulatorClock;
  /** Aborts when the simulator stops. */
  readonly signal: AbortSignal;
}

interface MallPath {
  readonly mallId: string;
  /** What follows `/api/v2/`. */
  readonly path: string;
}

const CONTROL_PREFIX = '/_simulator/';

/** The mall is named by the first part of the path, or by the host `{mall}.cafe24api.test`. */
function findMallPath(path: string, host: string): MallPath | undefined {
  const [, hostMall] = /^([a-z0-9-]+)\.cafe24api\.test(?::\d+)?$/.exec(host) ?? [];
  const [, pathMall, rest] = /^(?:\/([a-z0-9-]+))?\/api\/v2\/(.+)$/.exec(path) ?? [];
  const mallId = pathMall ?? hostMall;
  return mallId === undefined || rest === undefined ? undefined : { mallId, path: rest };
}

function answerMall(call: SimulatorCall, path: string): HttpAnswer | Promise<HttpAnswer> {
  switch (`${call.method} ${path}`) {
    case 'GET oauth/authorize':
      return answerAuthorize(call);
    case 'POST oauth/token':
      return answerToken(call);
    case 'POST oauth/revoke':
      return answerRevoke(call);
    default:
      return path.startsWith('admin/')
        ? answerAdmin(call, path.slice('admin/'.length))
        : buildApiError(404, 'No API found.');
  }
}

export function route(world: World, request: IncomingMessage): Promise<HttpAnswer | RowStream> | HttpAnswer {
  const { method = 'GET', url = '/', headers } = request;
  const queryAt = url.indexOf('?');
  const path = queryAt < 0 ? url : url.slice(0, queryAt);
  const query = new URLSearchParams(queryAt < 0 ? '' : url.slice(queryAt + 1));
  const readBody = (): Promise<string> => text(request);
  if (path === '/healthz') return buildJsonAnswer(200, { ok: true });
  if (path.startsWith(CONTROL_PREFIX)) {
    return answerControl(world.control, { method, path: path.slice(CONTROL_PREFIX.length), query, readBody });
  }
  const host = headers.host ?? '';
  const found = findMallPath(path, host);
  const mall = found === undefined ? undefined : world.malls.get(found.mallId);
  if (found === undefined || mall === undefined) return buildApiError(404, 'No such mall.');
  const call: SimulatorCall = {
    mall,
    method,
    query,
    headers,
    readBody,
    remoteAddress: request.socket.remoteAddress ?? '',
    address: `http://${host}${path}`,
    clock: world.clock,
    pause: (ms) => sleep(ms, undefined, { signal: world.signal }),
  };
  return Promise.resolve(answerMall(call, found.path));
}
