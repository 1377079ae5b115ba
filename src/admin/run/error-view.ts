import { html } from 'hono/html';
import type { RunErrorGroup } from '../../adapters/postgres/read-models/run-errors.ts';
import { renderConfirmButton } from '../layout/confirm-button.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import type { ViewContext } from '../layout/page.ts';
import { renderPanel } from '../layout/panel.ts';
import { renderBadge } from '../layout/status.ts';
import { mayVisitor } from '../layout/view-context.ts';
import { toErrorsLink, toRunLink } from '../runs/run-links.ts';
import { ROW_TEXT } from './row-text.ts';

export interface ErrorGroups {
  readonly executionId: number;
  readonly groups: readonly RunErrorGroup[];
  /** Of the forms drawn now: the same one sent again is the same click. */
  readonly clickKey: string;
}

/** Rejected rows by cause, each with a masked sample and what can be done about it. */
export function renderErrorGroups({ executionId, groups: all, clickKey }: ErrorGroups, view: ViewContext): Html {
  const text = ROW_TEXT[view.lang];
  const groups = all.filter(isOfRows);
  const isReplayable = groups.some(({ open }) => open > 0);
  const replayAll =
    isReplayable && mayVisitor(view, 'operator')
      ? renderReplay({ executionId, clickKey, label: text.replayAll, fields: {} }, view)
      : NOTHING;
  const body =
    groups.length === 0
      ? html`<div class="empty">${text.errorsNone}</div>`
      : html`<ul class="error-groups">
          ${groups.map((group) => renderGroup({ executionId, group, clickKey }, view))}
        </ul>`;
  return html`<div id="errors">${renderPanel(text.errors, body, replayAll)}</div>`;
}

/** The failure of a whole execution is kept beside those of rows; the page tells it at its head. */
function isOfRows({ samplePayload }: RunErrorGroup): boolean {
  return samplePayload !== null;
}

interface OneGroup {
  readonly executionId: number;
  readonly group: RunErrorGroup;
  readonly clickKey: string;
}

function renderGroup({ executionId, group, clickKey }: OneGroup, view: ViewContext): Html {
  const text = ROW_TEXT[view.lang];
  const { fingerprint, stage, reasonCode, field, entries, times, open, sampleMessage } = group;
  const openBadge = open > 0 ? renderBadge('warn', text.open(toNumberText(open))) : renderBadge('good', text.noneOpen);
  return html`<li class="error-group">
    <h3>${reasonCode} <span class="under-inline">${field ?? text.wholeRow} · ${stage}</span></h3>
    <p>
      <a href="${toErrorsLink(executionId, { fingerprint })}">${text.entries(toNumberText(entries))}</a>,
      ${text.seenTimes(toNumberText(times))} ${openBadge}
    </p>
    <p class="message">${sampleMessage}</p>
    <p class="fingerprint"><code>${fingerprint}</code></p>
    ${renderSample({ executionId, group, clickKey }, view)}
  </li>`;
}

function renderSample({ executionId, group, clickKey }: OneGroup, view: ViewContext): Html {
  const { fingerprint, open, sampleErrorId, samplePayload } = group;
  const text = ROW_TEXT[view.lang];
  const replay = { executionId, clickKey: `${clickKey}-${sampleErrorId}`, label: text.replay, fields: { fingerprint } };
  const acts = html`<div class="acts">
    ${renderReplay(replay, view)} ${renderIgnore(executionId, fingerprint, view)}
  </div>`;
  return html`<details>
      <summary>${text.samples}</summary>
      <pre class="code" tabindex="0" aria-label="${text.samples}">${toPayloadText(samplePayload)}</pre>
      ${renderReveal(executionId, sampleErrorId, view)}
    </details>
    ${open > 0 && mayVisitor(view, 'operator') ? acts : NOTHING}`;
}

/** What cannot be mended is set aside: no replay takes it and no alert counts it. */
function renderIgnore(executionId: number, fingerprint: string, view: ViewContext): Html {
  const text = ROW_TEXT[view.lang];
  return renderConfirmButton(view, {
    action: `${toRunLink(executionId)}/ignore`,
    label: text.ignore,
    question: text.ignoreQuestion,
    fields: { fingerprint },
    tone: 'plain',
  });
}

interface ReplayButton {
  readonly executionId: number;
  readonly clickKey: string;
  readonly label: string;
  readonly fields: Readonly<Record<string, string>>;
}

function renderReplay({ executionId, clickKey, label, fields }: ReplayButton, view: ViewContext): Html {
  return renderConfirmButton(view, {
    action: `${toRunLink(executionId)}/replay`,
    label,
    question: ROW_TEXT[view.lang].replayQuestion,
    fields: { key: clickKey, ...fields },
    tone: 'primary',
  });
}

/** Only for whoever may see personal data; the look itself is an act. */
export function renderReveal(executionId: number, errorId: number, view: ViewContext): Html {
  if (!mayVisitor(view, 'admin')) return NOTHING;
  const text = ROW_TEXT[view.lang];
  return renderConfirmButton(view, {
    action: `${toRunLink(executionId)}/errors/${errorId}/reveal`,
    label: text.reveal,
    question: text.revealQuestion,
    tone: 'plain',
  });
}

export function toPayloadText(payload: unknown): string {
  return JSON.stringify(payload, null, 2);
}
