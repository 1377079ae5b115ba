import { z } from '@hono/zod-openapi';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { EXECUTION_STATUSES, TRIGGERS } from '../../domain/execution.ts';
import type { ApiApp } from '../api/api-app.ts';
import { apiRoute, json } from '../api/api-route.ts';
import type { AdminContext } from '../context.ts';
import { loadNow } from './load.ts';

const place = {
  executionId: z.int(),
  mallId: z.int(),
  mallName: z.string(),
  cafe24MallId: z.string(),
  domainType: z.enum(DOMAIN_TYPES),
  startDate: z.string(),
  endDate: z.string(),
  trigger: z.enum(TRIGGERS),
  mallSyncName: z.string().nullable(),
};

const runningNow = z
  .object({
    ...place,
    status: z.enum(EXECUTION_STATUSES),
    attemptCount: z.int(),
    startedAtMs: z.number().nullable(),
    read: z.int(),
    apiCalls: z.int(),
    waitMs: z.int(),
    pages: z.int(),
    leaseEndsInMs: z.number().nullable(),
    windowsDone: z.int(),
    windowsTotal: z.int(),
    rowsSeen: z.number(),
    expectedRows: z.number().nullable(),
    lastReason: z.string().nullable(),
    rowsPerSecond: z.number().nullable().openapi({ description: 'Over the whole run so far.' }),
  })
  .openapi('RunningExecution');

const waitingNow = z.object({ position: z.int(), ...place, requestedAtMs: z.number() }).openapi('WaitingExecution');

const budgetNow = z
  .object({
    mallId: z.int(),
    mallName: z.string(),
    endpoint: z.string().openapi({ description: '`*`: the whole mall.' }),
    level: z.number(),
    size: z.number(),
    blockedUntilMs: z.number().nullable(),
    callUsagePercent: z.number().nullable(),
    timeUsagePercent: z.number().nullable(),
  })
  .openapi('MallBudget');

const now = z
  .object({
    atMs: z.number(),
    running: z.array(runningNow).readonly(),
    runningTotal: z.int(),
    waiting: z.array(waitingNow).readonly(),
    waitingTotal: z.int(),
    budgets: z.array(budgetNow).readonly(),
    requests: z.object({ pending: z.int(), accepted: z.int() }),
  })
  .openapi('Now');

const readNow = apiRoute({
  method: 'get',
  path: '/now',
  role: 'viewer',
  tags: ['Now'],
  summary: 'What runs and what waits, the API budgets of the malls that run, and open requests',
  request: {},
  responses: { 200: json(now, 'As of `atMs`.') },
});

export function mountNowApi(api: ApiApp, context: AdminContext): void {
  api.openapi(readNow, async (c) => {
    const { board, rates, atMs } = await loadNow(context);
    const running = board.running.map((run) => ({ ...run, rowsPerSecond: rates.get(run.executionId) ?? null }));
    return c.json({ ...board, running, atMs }, 200);
  });
}
