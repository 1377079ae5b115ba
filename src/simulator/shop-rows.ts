import { createBoundedCache } from './bounded-cache.ts';
import { applyFlaw, type FlawFields, type RowFlaw } from './poison.ts';
import type { RowStore } from './row-store.ts';
import type { PageLoan } from './page-loans.ts';
import { buildPlainTemplate, compileTemplate, renderPage, type RowTemplate } from './row-template.ts';
import type { SlotLayout } from './slots.ts';
import { keepFields, toViewKey, WHOLE_ROW, type RowView } from './row-view.ts';
import type { Timeline } from './row-window.ts';

type Row = Readonly<Record<string, unknown>>;

/** How one resource of one shop is generated; whatever was edited since is none of its business. */
export interface RowModel {
  readonly shopNo: number;
  /** The date that a sync of a period goes by. */
  readonly ownDateType: string;
  readonly flawFields: FlawFields;
  readonly slotLayout: SlotLayout;
  /** Models with the same key render a profile to the same template. */
  readonly templateKey: string;
  profileOf(ref: number): number;
  build(ref: number, view: RowView): Row;
  /** The row's profile with tokens for its slots. */
  buildWithTokens(ref: number, view: RowView): Row;
  writeSlots(ref: number, slots: Uint8Array): void;
  /** The same row after so many later changes. */
  revise(row: Row, revision: number): Row;
  keyOf(ref: number): string;
  parseKey(key: string): number | undefined;
  toCanonicalText(ref: number): string;
  /** The same for a row that is not just as generated. */
  toEditedCanonicalText(ref: number, row: Row): string;
  timelineOf(dateType: string): Timeline | undefined;
}

/** One shop's members or orders: what the answers, the edits and the truth are all made from. */
export interface ShopRows {
  readonly shopNo: number;
  readonly store: RowStore;
  readonly ownDateType: string;
  /** Undefined for a date type that the API does not know; an empty timeline for one that no row here has. */
  timelineOf(dateType: string): Timeline | undefined;
  keyOf(ref: number): string;
  refOf(key: string): number | undefined;
  /** A page of JSON: the rows between `head` and `tail`. */
  render(head: string, refs: readonly number[], view: RowView, tail: string): PageLoan;
  toObject(ref: number, view: RowView): Record<string, unknown>;
  flawOf(ref: number): RowFlaw | undefined;
  /** The row's part of the truth's checksum. */
  toCanonicalText(ref: number): string;
}

/** Malls share rendered profiles; only a few views are in use at a time. */
const templates = createBoundedCache<Map<number, RowTemplate>>(24);

function getTemplates(model: RowModel, view: RowView): Map<number, RowTemplate> {
  return templates.getOrBuild(
    `${model.templateKey}|${toViewKey(view)}`,
    () => new Map(),
    () => 1,
  );
}

export function createShopRows(model: RowModel, store: RowStore): ShopRows {
  function toObject(ref: number, view: RowView): Record<string, unknown> {
    const marks = store.marksOf(ref);
    const row = { ...model.revise(model.build(ref, view), marks?.revision ?? 0), ...marks?.overrides };
    return keepFields(marks?.flaw === undefined ? row : applyFlaw(row, marks.flaw, model.flawFields, ref), view);
  }

  function templateOf(ref: number, view: RowView, known: Map<number, RowTemplate>): RowTemplate {
    const profile = model.profileOf(ref);
    let template = known.get(profile);
    if (template === undefined) {
      const row = keepFields(model.buildWithTokens(ref, view), view);
      template = compileTemplate(JSON.stringify(row), model.slotLayout);
      known.set(profile, template);
    }
    return template;
  }

  return {
    shopNo: model.shopNo,
    store,
    ownDateType: model.ownDateType,
    timelineOf: (dateType) => model.timelineOf(dateType),
    keyOf: (ref) => model.keyOf(ref),
    refOf(key) {
      const ref = model.parseKey(key);
      return ref !== undefined && store.has(ref) ? ref : undefined;
    },
    toObject,
    render(head, refs, view, tail) {
      const known = getTemplates(model, view);
      const parts = refs.map((ref) =>
        store.marksOf(ref) === undefined ? templateOf(ref, view, known) : buildPlainTemplate(toObject(ref, view)),
      );
      const writeSlots = (index: number, slots: Uint8Array): void => model.writeSlots(refs[index] ?? 0, slots);
      return renderPage({ head, tail, templates: parts, writeSlots, layout: model.slotLayout });
    },
    flawOf: (ref) => store.marksOf(ref)?.flaw,
    toCanonicalText: (ref) =>
      store.marksOf(ref) === undefined
        ? model.toCanonicalText(ref)
        : model.toEditedCanonicalText(ref, toObject(ref, WHOLE_ROW)),
  };
}
