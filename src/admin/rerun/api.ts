import type { ApiApp } from '../api/api-app.ts';
import { apiRoute, idempotencyHeaders, json, jsonBody } from '../api/api-route.ts';
import type { AdminContext } from '../context.ts';
import {
  clickAnswer,
  previewAnswer,
  previewBody,
  replayBody,
  rerunBody,
  settleAnswer,
  settleBody,
  stopBody,
} from './api-shapes.ts';
import { previewWish, sendWish } from './api-wish.ts';
import { loadRecord, sendReplay, sendStop, settleGroup } from './run-acts.ts';

const tags = ['Acts'];

const previewRoute = apiRoute({
  method: 'post',
  path: '/reruns/preview',
  role: 'operator',
  summary: 'What a re-run or a new run would do: verdict, API calls and time of each mall. Starts nothing',
  tags,
  request: { body: jsonBody(previewBody) },
  responses: { 200: json(previewAnswer, 'As of now; the decision is made again when it is carried out.') },
});

const startRoute = apiRoute({
  method: 'post',
  path: '/reruns',
  role: 'operator',
  summary: 'Run again what ran before, or read a period of some malls',
  description: 'One request a domain type and period, all of them or none.',
  tags,
  request: { headers: idempotencyHeaders, body: jsonBody(rerunBody) },
  responses: { 202: json(clickAnswer, 'It is asked for; what becomes of it stands in the request.') },
});

const stopRoute = apiRoute({
  method: 'post',
  path: '/stops',
  role: 'operator',
  summary: 'Stop what is under way of a run’s mall and period, at the next page border',
  tags,
  request: { headers: idempotencyHeaders, body: jsonBody(stopBody) },
  responses: { 202: json(clickAnswer, 'It is asked for.') },
});

const replayRoute = apiRoute({
  method: 'post',
  path: '/replays',
  role: 'operator',
  summary: 'Read rejected rows again, of one run or of a group over all malls',
  tags,
  request: { headers: idempotencyHeaders, body: jsonBody(replayBody) },
  responses: { 202: json(clickAnswer, 'It is asked for.') },
});

const ignoreRoute = apiRoute({
  method: 'post',
  path: '/rejects/ignore',
  role: 'operator',
  summary: 'Settle a group of rejected rows as not worth mending; no replay takes it, no alert counts it',
  tags,
  request: { body: jsonBody(settleBody) },
  responses: { 200: json(settleAnswer, 'How many rows were changed.') },
});

const reopenRoute = apiRoute({
  method: 'post',
  path: '/rejects/reopen',
  role: 'operator',
  summary: 'Take back that a group of rejected rows is ignored',
  tags,
  request: { body: jsonBody(settleBody) },
  responses: { 200: json(settleAnswer, 'How many rows were changed.') },
});

export function mountActsApi(api: ApiApp, context: AdminContext): void {
  api.openapi(previewRoute, async (c) => c.json(await previewWish(c, context, c.req.valid('json')), 200));
  api.openapi(startRoute, async (c) => {
    const key = c.req.valid('header')['idempotency-key'];
    return c.json({ key, ...(await sendWish(c, context, key, c.req.valid('json'))) }, 202);
  });
  api.openapi(stopRoute, async (c) => {
    const key = c.req.valid('header')['idempotency-key'];
    const { executionId, reason } = c.req.valid('json');
    const record = await loadRecord(context, executionId);
    return c.json({ key, ...(await sendStop(c, context, record, { key, reason })) }, 202);
  });
  api.openapi(replayRoute, async (c) => {
    const key = c.req.valid('header')['idempotency-key'];
    const { executionId, fingerprints = null } = c.req.valid('json');
    const record = executionId === undefined ? null : await loadRecord(context, executionId);
    return c.json({ key, ...(await sendReplay(c, context, { key, fingerprints, record })) }, 202);
  });
  for (const [route, act] of [
    [ignoreRoute, 'ignore'],
    [reopenRoute, 'reopen'],
  ] as const) {
    api.openapi(route, async (c) => {
      const { mallId = null, ...body } = c.req.valid('json');
      return c.json({ changed: await settleGroup(c, context, act, { ...body, mallId }) }, 200);
    });
  }
}
