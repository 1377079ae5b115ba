import { html } from 'hono/html';
import type { RunDetail } from '../../adapters/postgres/read-models/run-detail.ts';
import type { Html } from '../layout/html.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import { toDurationText } from '../layout/time.ts';
import { MODE_WORDS, TRIGGER_WORDS } from '../text/words.ts';
import { RUN_TEXT } from './text.ts';

type Fact = readonly [name: string, value: Html | string | number];

/** The parameters that it ran with, then who asked for it and who holds it. */
export function renderParameters(run: RunDetail, view: ViewContext): Html {
  const text = RUN_TEXT[view.lang];
  const parameters: readonly Fact[] = [
    [text.mall, html`<a href="/malls/${run.mallId}">${run.mallId}</a> ${run.mallName} (${run.cafe24MallId})`],
    [text.domain, run.domainType],
    [text.startDate, run.startDate],
    [text.endDate, run.endDate],
    [text.pageSize, run.pageSize],
    [text.attemptCount, run.attemptCount],
    [text.mode, MODE_WORDS[view.lang][run.mode]],
  ];
  return renderPanel(
    text.parameters,
    html`<dl class="details-list">${[...parameters, ...listOrigin(run, view)].map(renderFact)}</dl>`,
  );
}

function listOrigin(run: RunDetail, view: ViewContext): readonly Fact[] {
  const text = RUN_TEXT[view.lang];
  const given: readonly (readonly [string, string | number | null])[] = [
    [text.trigger, TRIGGER_WORDS[view.lang][run.trigger]],
    [text.requestedBy, run.requestedBy],
    [text.reason, run.reason],
    [text.groups, run.replayFingerprints?.join(', ') ?? null],
    [text.mallSync, run.mallSyncName],
    [text.job, run.jobName],
    [text.holder, run.holder],
    [text.lease, toLeaseText(run, view)],
    [text.fence, run.fenceToken],
    [text.exitCode, run.exitCode],
  ];
  return given.flatMap(([name, value]): readonly Fact[] => (value === null || value === '' ? [] : [[name, value]]));
}

function toLeaseText({ leaseEndsInMs }: RunDetail, view: ViewContext): string | null {
  if (leaseEndsInMs === null) return null;
  const text = RUN_TEXT[view.lang];
  return leaseEndsInMs === 0 ? text.leaseOver : text.leaseLeft(toDurationText(leaseEndsInMs / 1_000, view));
}

function renderFact([name, value]: Fact): Html {
  return html`<dt>${name}</dt>
    <dd>${value}</dd>`;
}
