import { html } from 'hono/html';
import type { ExecutionRecord } from '../../adapters/postgres/execution-record.ts';
import type { Html } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import type { Tile } from '../layout/tiles.ts';
import { renderTiles } from '../layout/tiles.ts';
import { toTookText } from '../runs/took.ts';
import { RUN_TEXT } from './text.ts';

const KIB = 1_024;
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function renderCounters(run: ExecutionRecord, view: ViewContext): Html {
  return renderPanel(
    RUN_TEXT[view.lang].counters,
    html`<div class="counters">${renderTiles([...buildRowTiles(run, view), ...buildWorkTiles(run, view)])}</div>`,
  );
}

function buildRowTiles({ counters, seconds }: ExecutionRecord, view: ViewContext): readonly Tile[] {
  const text = RUN_TEXT[view.lang];
  const pace = seconds === null || seconds === 0 ? null : Math.round(counters.read / seconds);
  const rows: readonly Tile[] = [
    {
      label: text.read,
      value: toNumberText(counters.read),
      ...(pace !== null && { note: text.perSecond(toNumberText(pace)) }),
    },
    { label: text.inserted, value: toNumberText(counters.inserted) },
    { label: text.updated, value: toNumberText(counters.updated) },
    { label: text.unchanged, value: toNumberText(counters.unchanged) },
    {
      label: text.rejected,
      value: toNumberText(counters.rejected),
      ...(counters.rejected > 0 && { tone: 'warn' as const, href: '#errors' }),
    },
  ];
  const seldom: readonly Tile[] = [
    { label: text.stale, value: toNumberText(counters.stale), note: text.staleHint },
    { label: text.duplicate, value: toNumberText(counters.duplicate) },
  ];
  return [...rows, ...seldom.filter(({ value }) => value !== '0')];
}

function buildWorkTiles({ counters, seconds }: ExecutionRecord, view: ViewContext): readonly Tile[] {
  const text = RUN_TEXT[view.lang];
  const waitSeconds = counters.waitMs / 1_000;
  const share = seconds === null || seconds === 0 ? 0 : Math.min(100, Math.round((waitSeconds / seconds) * 100));
  return [
    {
      label: text.apiCalls,
      value: toNumberText(counters.apiCalls),
      note: `${text.pages}: ${toNumberText(counters.pages)}`,
    },
    {
      label: text.waited,
      value: toTookText(waitSeconds, view),
      ...(share > 0 && { note: text.waitShare(share) }),
    },
    {
      label: text.took,
      value: seconds === null ? '–' : toTookText(seconds, view),
      note: `${text.bytes}: ${toBytesText(counters.bytes)}`,
    },
  ];
}

export function toBytesText(bytes: number): string {
  const step = bytes < KIB ? 0 : Math.min(Math.floor(Math.log(bytes) / Math.log(KIB)), BYTE_UNITS.length - 1);
  const value = bytes / KIB ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[step] ?? 'B'}`;
}
