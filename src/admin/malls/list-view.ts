import { html } from 'hono/html';
import type { MallBoardPage, MallBoardRow, MallFailure } from '../../adapters/postgres/read-models/mall-board.ts';
import { MALL_STATES } from '../../adapters/postgres/read-models/mall-board.ts';
import { DOMAIN_TYPES } from '../../domain/domain-type.ts';
import { renderField, renderSelect, type Choice } from '../layout/field.ts';
import type { Html } from '../layout/html.ts';
import { NOTHING } from '../layout/html.ts';
import { toNumberText } from '../layout/number.ts';
import { renderPageHead } from '../layout/page-head.ts';
import { renderPager } from '../layout/pager.ts';
import { renderBadge } from '../layout/status.ts';
import { renderTable, type Column } from '../layout/table.ts';
import { renderTiles, type Tile } from '../layout/tiles.ts';
import { renderAge } from '../layout/time.ts';
import type { ViewContext } from '../layout/view-context.ts';
import { mayVisitor, toLink } from '../layout/view-context.ts';
import { CREDENTIAL_WORDS, DOMAIN_WORDS } from '../text/words.ts';
import { renderRowSwitch } from './active-switch.ts';
import { renderCredential, renderFreshness } from './freshness-view.ts';
import type { MallListQuery } from './query.ts';
import { MALLS_TEXT } from './text.ts';

export interface MallList extends MallBoardPage {
  readonly query: MallListQuery;
  readonly targetHours: number;
}

export function renderMallList(view: ViewContext, list: MallList, notice: Html): Html {
  const text = MALLS_TEXT[view.lang];
  const actions = mayVisitor(view, 'admin')
    ? html`<a class="button" href="/malls/import">${text.import}</a>
        <a class="button button-primary" href="/malls/add">${text.add}</a>`
    : NOTHING;
  const isFirst = list.query.cursor === undefined;
  return html`${renderPageHead(text.title, { intro: text.intro, actions })} ${notice}
  ${renderTiles(buildTiles(view, list))} ${renderFilters(view, list)}
  ${renderTable({
    caption: text.caption,
    columns: buildColumns(view),
    rows: list.rows,
    empty: list.totals.malls === 0 ? text.none : text.empty,
  })}
  ${isFirst ? NOTHING : html`<p><a href="${toLink(view, { cursor: null })}">${text.first}</a></p>`}
  ${list.next === null ? NOTHING : renderPager(view, { previous: null, next: list.next })}`;
}

function buildTiles(view: ViewContext, { totals, targetHours }: MallList): readonly Tile[] {
  const text = MALLS_TEXT[view.lang];
  return [
    {
      label: text.active,
      value: toNumberText(totals.active),
      note: text.activeOf(totals.inactive),
      href: '/malls?active=1',
    },
    { ...toTile(text.late, totals.late, '/malls?late=1', 'bad'), note: text.lateNote(targetHours) },
    toTile(text.needsConsent, totals.needsConsent, '/malls?state=NEEDS_CONSENT&active=1', 'bad'),
    toTile(text.uninstalled, totals.uninstalled, '/malls?state=UNINSTALLED&active=1', 'bad'),
    toTile(text.noCredential, totals.noCredential, '/malls?state=NO_CREDENTIAL&active=1', 'warn'),
  ];
}

/** Draws the eye only where there is something to do. */
function toTile(label: string, value: number, href: string, tone: 'bad' | 'warn'): Tile {
  return { label, value: toNumberText(value), href, ...(value > 0 && { tone }) };
}

function toFlag(value: boolean | undefined): string {
  return value === undefined ? '' : value ? '1' : '0';
}

function renderFilters(view: ViewContext, { query, totals }: MallList): Html {
  const text = MALLS_TEXT[view.lang];
  const withAny = (choices: readonly Choice[]): readonly Choice[] => [{ value: '', label: text.any }, ...choices];
  return html`<form class="filter" method="get" action="/malls" role="search" aria-label="${text.filter}">
    <div class="filters">
      ${renderField({ name: 'q', label: text.search, type: 'search', value: query.q ?? '', placeholder: text.searchHint })}
      ${renderSelect({
        name: 'late',
        label: text.freshness,
        choices: withAny([
          { value: '1', label: text.onlyLate },
          { value: '0', label: text.notLate },
        ]),
        value: toFlag(query.late),
      })}
      ${renderSelect({
        name: 'state',
        label: text.state,
        choices: withAny(MALL_STATES.map((value) => ({ value, label: toStateWord(view, value) }))),
        value: query.state ?? '',
      })}
      ${renderSelect({
        name: 'domain',
        label: text.domain,
        choices: withAny(DOMAIN_TYPES.map((value) => ({ value, label: DOMAIN_WORDS[view.lang][value] }))),
        value: query.domain ?? '',
      })}
      ${renderSelect({
        name: 'active',
        label: text.activity,
        choices: withAny([
          { value: '1', label: text.onlyActive },
          { value: '0', label: text.onlyInactive },
        ]),
        value: toFlag(query.active),
      })}
      ${renderField({ name: 'label', label: text.label, value: query.label ?? '', placeholder: text.labelHint })}
    </div>
    <div class="choice-bar">
      <button class="button button-primary">${text.filter}</button>
      <a class="button button-quiet" href="/malls">${text.clear}</a>
      <span class="under-inline" role="status">${text.matching(toNumberText(totals.matching))}</span>
    </div>
  </form>`;
}

function toStateWord(view: ViewContext, state: (typeof MALL_STATES)[number]): string {
  return state === 'NO_CREDENTIAL' ? MALLS_TEXT[view.lang].noCredential : CREDENTIAL_WORDS[view.lang][state];
}

function buildColumns(view: ViewContext): readonly Column<MallBoardRow>[] {
  const text = MALLS_TEXT[view.lang];
  return [
    { title: text.mall, isHeading: true, toCell: renderName },
    { title: text.complete, toCell: ({ freshness }) => renderFreshness(freshness, view) },
    { title: text.consent, toCell: ({ credential }) => renderCredential(credential, view) },
    { title: text.lastFailure, toCell: ({ lastFailure }) => renderFailure(lastFailure, view) },
    { title: text.activity, toCell: (row) => renderActivity(row, view) },
  ];
}

function renderName({ mallId, name, cafe24MallId }: MallBoardRow): Html {
  return html`<a href="/malls/${mallId}">${name}</a> <span class="under">${mallId} · ${cafe24MallId}</span>`;
}

function renderFailure(failure: MallFailure | null, view: ViewContext): Html {
  const text = MALLS_TEXT[view.lang];
  if (failure === null) return html`<span class="none">${text.noneFailed}</span>`;
  const { reason, executionId, atMs, isMended } = failure;
  return html`<a href="/runs/${executionId}">${reason ?? executionId}</a>
    <span class="under">${renderAge(atMs, view)}${isMended ? html` · ${text.mended}` : NOTHING}</span>`;
}

function renderActivity(row: MallBoardRow, view: ViewContext): Html {
  const text = MALLS_TEXT[view.lang];
  const badge = row.active ? renderBadge('good', text.yes) : renderBadge('idle', text.no);
  return html`${badge} ${mayVisitor(view, 'admin') ? renderRowSwitch(row, view) : NOTHING}`;
}
