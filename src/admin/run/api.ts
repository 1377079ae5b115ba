import { z } from '@hono/zod-openapi';
import { findTrouble } from '../../domain/trouble.ts';
import type { ApiApp } from '../api/api-app.ts';
import { apiRoute, json } from '../api/api-route.ts';
import type { AdminContext } from '../context.ts';
import { identifier } from '../runs/query-fields.ts';
import { toAdvice } from '../text/advice.ts';
import type { Lang } from '../text/lang.ts';
import type { RunDetail } from '../../adapters/postgres/read-models/run-detail.ts';
import { rejectedRows, revealedRow, runDetail, windowList } from './api-detail.ts';
import { loadRunDetail, loadRunErrors, loadRunWindows } from './load.ts';
import { runErrorsQuery } from './query.ts';
import { revealAudited } from './reveal.ts';

const tags = ['Runs'];
const params = z.object({ executionId: identifier });

const runRoute = apiRoute({
  method: 'get',
  path: '/runs/{executionId}',
  role: 'viewer',
  summary: 'One run with its attempts, windows, timeline and rejected rows by cause',
  tags,
  request: { params },
  responses: { 200: json(runDetail, 'The run.') },
});

const windowsRoute = apiRoute({
  method: 'get',
  path: '/runs/{executionId}/windows',
  role: 'viewer',
  summary: 'The windows of a run’s reading: the API’s count against the rows seen',
  tags,
  request: { params },
  responses: { 200: json(windowList, 'All of them.') },
});

const errorsRoute = apiRoute({
  method: 'get',
  path: '/runs/{executionId}/errors',
  role: 'viewer',
  summary: 'The rejected rows that a run was the last to meet, the newest first, masked',
  tags,
  request: { params, query: runErrorsQuery },
  responses: { 200: json(rejectedRows, 'One page of them.') },
});

const revealRoute = apiRoute({
  method: 'post',
  path: '/runs/{executionId}/errors/{errorId}/reveal',
  role: 'admin',
  summary: 'A rejected row in clear; that somebody looked goes into the audit log',
  tags,
  request: { params: params.extend({ errorId: identifier }) },
  responses: { 200: json(revealedRow, 'Its key, and what is stored under it.') },
});

export function mountRunApi(api: ApiApp, context: AdminContext): void {
  api.openapi(runRoute, async (c) => {
    const lang = c.get('lang');
    const found = await loadRunDetail(context, c.req.valid('param').executionId, lang);
    return c.json(runDetail.parse({ ...found, advice: toAdviceDocument(found, lang) }), 200);
  });
  api.openapi(windowsRoute, async (c) => {
    const windows = await loadRunWindows(context, c.req.valid('param').executionId, c.get('lang'));
    return c.json(windowList.parse({ windows }), 200);
  });
  api.openapi(errorsRoute, async (c) => {
    const { executionId } = c.req.valid('param');
    return c.json(
      rejectedRows.parse(await loadRunErrors(context, executionId, c.req.valid('query'), c.get('lang'))),
      200,
    );
  });
  api.openapi(revealRoute, async (c) =>
    c.json(revealedRow.parse(await revealAudited(c, context, c.req.valid('param'))), 200),
  );
}

function toAdviceDocument(run: RunDetail, lang: Lang): object | null {
  const trouble = findTrouble(run);
  return trouble === null ? null : { ...trouble, ...toAdvice(trouble.reason, lang) };
}
