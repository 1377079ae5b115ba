import type { Context } from 'hono';
import type { z } from '@hono/zod-openapi';
import type { SavedClick } from '../../adapters/postgres/retry-click.ts';
import { BadInput } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import type { AdminEnv } from '../env.ts';
import { loadWishPreview } from '../new-run/load.ts';
import { buildManifest } from '../new-run/manifest.ts';
import { readWish, sendNewRun } from '../new-run/send.ts';
import type { NewRunWish } from '../new-run/wish.ts';
import type { RunFilterQuery } from '../runs/query.ts';
import type { previewAnswer, RerunBody } from './api-shapes.ts';
import type { Preview } from './load.ts';
import { findExecutions, loadAgain } from './load.ts';
import { sendAgain } from './send-again.ts';

type PreviewAnswer = z.output<typeof previewAnswer>;

/** @throws BadInput when it does not say which runs, or says it twice; NotFound for a run that is not known */
export async function previewWish(
  c: Context<AdminEnv>,
  context: AdminContext,
  body: RerunBody & { readonly filter?: RunFilterQuery | undefined },
): Promise<PreviewAnswer> {
  const { filter, ...wish } = body;
  if (filter === undefined) {
    const period = await readPeriodWish(c, context, wish);
    if (period !== null) {
      const manifest = buildManifest(period, c.get('visitor').name);
      return { ...toAnswer(await loadWishPreview(context, period)), executionIds: null, manifest };
    }
  } else if (wish.executionIds !== undefined || wish.domainType !== undefined) {
    throw new BadInput({ field: 'filter', message: 'must be alone' });
  }
  const executionIds =
    filter === undefined
      ? wish.executionIds
      : await findExecutions(context, { ...filter, executions: undefined, request: undefined });
  if (executionIds === undefined || executionIds === null)
    throw new BadInput({ field: 'executionIds', message: 'must say which runs' });
  const { mode, pageSize = null } = wish;
  return { ...toAnswer(await loadAgain(context, executionIds, { mode, pageSize })), executionIds, manifest: null };
}

/** @throws BadInput as `previewWish` does, and when a reprocess gives no reason */
export async function sendWish(
  c: Context<AdminEnv>,
  context: AdminContext,
  key: string,
  body: RerunBody,
): Promise<SavedClick> {
  const period = await readPeriodWish(c, context, body);
  if (period !== null) return await sendNewRun(c, context, key, period);
  const { executionIds, mode, pageSize = null, reason = '' } = body;
  if (executionIds === undefined) throw new BadInput({ field: 'executionIds', message: 'must say which runs' });
  if (mode === 'reprocess' && reason.trim() === '') {
    throw new BadInput({ field: 'reason', message: 'must say why it is read again' });
  }
  return await sendAgain(c, context, { key, executionIds, mode, pageSize, reason });
}

const NAMES = { start: 'startDate', end: 'endDate', malls: 'mallIds' } as const;

/** Null when it names no period but runs. */
async function readPeriodWish(
  c: Context<AdminEnv>,
  context: AdminContext,
  { executionIds, mode, ...body }: RerunBody,
): Promise<NewRunWish | null> {
  const { domainType, startDate, endDate, mallIds, labels } = body;
  const isPeriod = [domainType, startDate, endDate, mallIds, labels].some((each) => each !== undefined);
  if (!isPeriod) return null;
  if (executionIds !== undefined) throw new BadInput({ field: 'executionIds', message: 'must be alone' });
  if (mode === 'replay') throw new BadInput({ field: 'mode', message: 'a replay is of runs, not of a period' });
  if (mallIds !== undefined && labels !== undefined) throw new BadInput({ field: 'labels', message: 'must be alone' });
  const scope = mallIds !== undefined ? 'chosen' : labels !== undefined ? 'label' : 'active';
  const query = {
    domainType,
    scope,
    mallId: mallIds,
    malls: undefined,
    labels: Object.entries(labels ?? {})
      .map(([label, value]) => `${label}=${value}`)
      .join(','),
    find: undefined,
    start: startDate,
    end: endDate,
    pageSize: String(body.pageSize ?? 1_000),
    reprocess: mode === 'reprocess' ? '1' : undefined,
    reason: body.reason,
    step: undefined,
  } as const;
  return await readWish(context, query, c.get('lang'), NAMES);
}

function toAnswer({ plan, isServed }: Preview): Omit<PreviewAnswer, 'executionIds' | 'manifest'> {
  const { mode, counts, malls, calls, unknown, needsConsent, longest, night } = plan;
  return {
    mode,
    counts: { ...counts },
    malls,
    estimatedCalls: calls,
    withoutEstimate: unknown,
    needsConsent,
    longest,
    night,
    isServed,
    groups: plan.groups.map((group) => ({
      ...group,
      counts: { ...group.counts },
      items: group.items.map(({ candidate, ...item }) => ({
        mallId: candidate.mallId,
        mallName: candidate.mallName,
        liveExecutionId: candidate.liveExecutionId,
        ...item,
      })),
    })),
  };
}
