import { z } from 'zod';
import { UnknownMall, type SimulatorControl } from './control.ts';
import { faultSchema } from './fault-schema.ts';
import { buildJsonAnswer, type HttpAnswer } from './http-answer.ts';
import { simulatedMallSchema } from './mall.ts';
import { rowEditSchema } from './row-edit-schema.ts';

export interface ControlRequest {
  readonly method: string;
  /** What follows `/_simulator/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readBody(): Promise<string>;
}

/** Rows that are written out one by one as NDJSON. */
export interface RowStream {
  readonly rows: AsyncGenerator<Record<string, unknown>>;
}

const truthSchema = z.object({
  domainType: z.enum(['MEMBER', 'ORDER', 'SALES']),
  startDate: z.string(),
  endDate: z.string(),
  shopNos: z
    .string()
    .transform((text) => text.split(',').map(Number))
    .optional(),
  dateTypes: z
    .string()
    .transform((text) => text.split(','))
    .optional(),
  rows: z.stringbool().default(false),
});
/** The values are checked where they are merged. */
const behaviourChangeSchema = z.record(z.string(), z.unknown());
const shiftSchema = z.strictObject({ ms: z.number() });
const consentSchema = z.strictObject({ act: z.enum(['revoke', 'expire-access']) });

interface MallCall {
  readonly control: SimulatorControl;
  readonly mallId: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

const DONE = { done: true };

/** By method and the part after the mall's name. */
const MALL_ACTS: Readonly<Record<string, (call: MallCall) => unknown>> = {
  'GET truth': ({ control, mallId, query }) => {
    const { rows, ...truth } = truthSchema.parse(Object.fromEntries(query));
    return rows ? { rows: control.readRows(mallId, truth) } : control.readTruth(mallId, truth);
  },
  'POST faults': ({ control, mallId, body }) => (control.addFault(mallId, faultSchema.parse(body)), DONE),
  'DELETE faults': ({ control, mallId }) => (control.clearFaults(mallId), DONE),
  'POST rows': ({ control, mallId, body }) => ({ keys: control.editRows(mallId, rowEditSchema.parse(body)) }),
  'PATCH behaviour': ({ control, mallId, body }) => (
    control.changeBehaviour(mallId, behaviourChangeSchema.parse(body)),
    DONE
  ),
  'POST consent': ({ control, mallId, body }) => {
    const { act } = consentSchema.parse(body);
    if (act === 'revoke') control.revokeConsent(mallId);
    else control.expireAccessTokens(mallId);
    return DONE;
  },
  'GET stats': ({ control, mallId }) => control.readStats(mallId),
  'DELETE stats': ({ control, mallId }) => (control.resetStats(mallId), DONE),
};

function readAllStats(control: SimulatorControl): unknown {
  const ids = control.listMalls().map(({ settings }) => settings.cafe24MallId);
  return Object.fromEntries(ids.map((id) => [id, control.readStats(id)]));
}

/** `found: false` when no act has this address. */
async function perform(
  control: SimulatorControl,
  request: ControlRequest,
  body: unknown,
): Promise<{ found: boolean; result?: unknown }> {
  const { method, path, query } = request;
  switch (`${method} ${path}`) {
    case 'GET malls':
      return { found: true, result: control.listMalls() };
    case 'POST malls':
      control.addMall(simulatedMallSchema.parse(body));
      return { found: true, result: DONE };
    case 'GET stats':
      return { found: true, result: readAllStats(control) };
    case 'POST clock':
      control.shiftClock(shiftSchema.parse(body).ms);
      return { found: true, result: DONE };
    default: {
      const [, mallId = '', rest = ''] = /^malls\/([^/]+)\/(\w+)$/.exec(path) ?? [];
      const mallAct = MALL_ACTS[`${method} ${rest}`];
      return mallAct === undefined
        ? { found: false }
        : { found: true, result: await mallAct({ control, mallId, query, body }) };
    }
  }
}

function isRowStream(result: unknown): result is RowStream {
  return typeof result === 'object' && result !== null && 'rows' in result;
}

export async function answerControl(
  control: SimulatorControl,
  request: ControlRequest,
): Promise<HttpAnswer | RowStream> {
  try {
    const text = await request.readBody();
    const { found, result } = await perform(control, request, text === '' ? undefined : JSON.parse(text));
    if (!found) return buildJsonAnswer(404, { error: `no control act at ${request.method} ${request.path}` });
    return isRowStream(result) ? result : buildJsonAnswer(200, result);
  } catch (error) {
    if (error instanceof z.ZodError) return buildJsonAnswer(400, { error: z.prettifyError(error) });
    if (error instanceof UnknownMall) return buildJsonAnswer(404, { error: error.message });
    if (error instanceof RangeError || error instanceof SyntaxError)
      return buildJsonAnswer(400, { error: error.message });
    throw error;
  }
}
