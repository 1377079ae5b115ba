import type { CalendarDay, CoverageCalendar } from '../../adapters/postgres/read-models/calendar-days.ts';
import { loadCoverageCalendar } from '../../adapters/postgres/read-models/coverage-calendar.ts';
import type { DomainType } from '../../domain/domain-type.ts';
import { toSeoulDay } from '../../domain/seoul-time.ts';
import { NotFound } from '../bad-input.ts';
import type { AdminContext } from '../context.ts';
import { moveMonth, toMonth } from './query.ts';

const STRIP_DAYS = 31;

export interface CoverageMonth extends CoverageCalendar {
  readonly month: string;
}

/** @throws NotFound where there is no such mall */
export async function loadCoverageMonth(
  { database, clock }: AdminContext,
  mallId: number,
  domainType: DomainType,
  asked: string | undefined,
): Promise<CoverageMonth> {
  const month = asked ?? toMonth(clock.nowMs());
  const calendar = await loadCoverageCalendar(database.pool, mallId, domainType, month, clock.nowMs());
  if (calendar === null) throw new NotFound(`there is no mall ${mallId}`);
  return { month, ...calendar };
}

export interface CoverageStrip {
  readonly domainType: DomainType;
  /** The last 31 days that are over, oldest first. */
  readonly days: readonly CalendarDay[];
}

export async function loadCoverageStrip(
  context: AdminContext,
  mallId: number,
  domainType: DomainType,
): Promise<CoverageStrip> {
  const nowMs = context.clock.nowMs();
  const thisMonth = toMonth(nowMs);
  const lastMonth = moveMonth(thisMonth, -1) ?? thisMonth;
  const months = await Promise.all([
    loadCoverageMonth(context, mallId, domainType, lastMonth),
    loadCoverageMonth(context, mallId, domainType, thisMonth),
  ]);
  const today = toSeoulDay(nowMs);
  const over = months.flatMap(({ days }) => days).filter(({ day }) => day < today);
  return { domainType, days: over.slice(-STRIP_DAYS) };
}
