import { createBoundedCache } from './bounded-cache.ts';
import { DAY_SECONDS, formatDay, formatTime, parseDay, toDay, toEpochSeconds, toSecondOfDay } from './korean-time.ts';
import {
  buildMember,
  getMemberProfile,
  toEmail,
  toTotalPoints,
  type MemberProfile,
  type MemberSlots,
} from './member-profile.ts';
import { applyFlaw, type FlawFields } from './poison.ts';
import { mix } from './random.ts';
import { dayOf, serialOf, toRef } from './row-ref.ts';
import type { RowStore } from './row-store.ts';
import { buildPlainText, buildSlotToken, compileTemplate, type RowTemplate, type RowText } from './row-template.ts';
import { keepFields, toViewKey, WHOLE_ROW, type RowView } from './row-view.ts';
import type { Timeline } from './row-window.ts';
import type { ShopRows } from './shop-rows.ts';
import { createDerivedTimeline, createOwnTimeline } from './timelines.ts';

const SLOT_WIDTHS = [16, 4, 4, 19, 19, 4] as const;
const LOGIN_DELAY_DAYS = 6;
const FLAW_FIELDS: FlawFields = {
  key: 'member_id',
  date: 'created_date',
  text: 'name',
  limitedText: 'nick_name',
  amount: 'total_points',
};
const OTHER_DATE_TYPES = new Set(['age', 'account_reactivation', 'wedding']);
const EMPTY_TIMELINE_DATE = (): null => null;

/** Rendered profiles are the same for every mall, by shop and view; a few views are in use at a time. */
const templates = createBoundedCache<Map<number, RowTemplate>>(24);

function getTemplates(shopNo: number, view: RowView): Map<number, RowTemplate> {
  return templates.getOrBuild(
    `${shopNo}|${toViewKey(view)}`,
    () => new Map(),
    () => 1,
  );
}

function buildTemplate(profile: MemberProfile, shopNo: number, view: RowView): RowTemplate {
  const [memberId, phoneHead, phoneTail, createdDate, lastLoginDate, points] = SLOT_WIDTHS.map((width, slot) =>
    buildSlotToken(slot, width),
  ) as [string, string, string, string, string, string];
  const slots = { memberId, phone: phoneHead + phoneTail, createdDate, lastLoginDate, points };
  const row = keepFields(buildMember(profile, slots, shopNo, view.isDetail), view);
  return compileTemplate(JSON.stringify(row), SLOT_WIDTHS);
}

/** Member ids carry the day, shop and serial they were made from, so that an id alone finds its row. */
function toMemberId(shopNo: number, ref: number): string {
  const day = formatDay(dayOf(ref));
  const serial = String(serialOf(ref) + 10_000_000).slice(1);
  return `u${day.slice(2, 4)}${day.slice(5, 7)}${day.slice(8)}${shopNo < 10 ? '0' : ''}${shopNo}${serial}`;
}

function parseMemberId(memberId: string): { readonly shopNo: number; readonly ref: number } | undefined {
  const [, year, month, dayOfMonth, shop, serial] = /^u(\d\d)(\d\d)(\d\d)(\d\d)(\d{7})$/.exec(memberId) ?? [];
  const day = parseDay(`20${year}-${month}-${dayOfMonth}`);
  return day === undefined ? undefined : { shopNo: Number(shop), ref: toRef(day, Number(serial)) };
}

/** The id of one of the shop's members who joined on the day or in the month before it; '' on a day without any. */
export type MemberIdSource = (day: number, hash: number) => string;

export function createMemberIdSource(shopNo: number, sizeOf: (day: number) => number): MemberIdSource {
  return (day, hash) => {
    const joined = day - (hash % 30);
    const size = sizeOf(joined);
    return size === 0 ? '' : toMemberId(shopNo, toRef(joined, (hash >>> 5) % size));
  };
}

function bumpRevision(row: Record<string, unknown>, revision: number): Record<string, unknown> {
  if (revision === 0) return row;
  const points = (Number(row['total_points']) + revision).toFixed(2);
  return { ...row, total_points: points, available_points: points };
}

export function createMemberRows(shopNo: number, store: RowStore, key: number): ShopRows {
  const hashOf = (ref: number): number => mix(mix(key, dayOf(ref)), serialOf(ref));

  function loginTimeOf(ref: number, second: number, hash: number): number | null {
    if (!getMemberProfile(hash).profile.hasLoggedIn) return null;
    const delay = mix(hash, 1) % (LOGIN_DELAY_DAYS * DAY_SECONDS - DAY_SECONDS);
    return toEpochSeconds(dayOf(ref), second) + delay;
  }

  function toSlots(ref: number, hash: number): MemberSlots {
    const second = store.secondOf(ref);
    const login = loginTimeOf(ref, second, hash) ?? toEpochSeconds(dayOf(ref), second);
    return {
      memberId: toMemberId(shopNo, ref),
      phone: String((mix(hash, 2) % 90_000_000) + 10_000_000),
      createdDate: `${formatDay(dayOf(ref))}T${formatTime(second)}`,
      lastLoginDate: `${formatDay(toDay(login))}T${formatTime(toSecondOfDay(login))}`,
      points: String((mix(hash, 3) % 9000) + 1000),
    };
  }

  function toObject(ref: number, view: RowView): Record<string, unknown> {
    const hash = hashOf(ref);
    const marks = store.marksOf(ref);
    const made = buildMember(getMemberProfile(hash).profile, toSlots(ref, hash), shopNo, view.isDetail);
    const row = { ...bumpRevision(made, marks?.revision ?? 0), ...marks?.overrides };
    return keepFields(marks?.flaw === undefined ? row : applyFlaw(row, marks.flaw, FLAW_FIELDS, hash), view);
  }

  function toGeneratedText(ref: number, view: RowView, known: Map<number, RowTemplate>): RowText {
    const hash = hashOf(ref);
    const { index, profile } = getMemberProfile(hash);
    let template = known.get(index);
    if (template === undefined) known.set(index, (template = buildTemplate(profile, shopNo, view)));
    const { memberId, phone, createdDate, lastLoginDate, points } = toSlots(ref, hash);
    return { template, values: [memberId, phone.slice(0, 4), phone.slice(4), createdDate, lastLoginDate, points] };
  }

  const timelines: Readonly<Record<string, Timeline>> = {
    join: createOwnTimeline(store),
    login: createDerivedTimeline(store, LOGIN_DELAY_DAYS, (ref, second) => loginTimeOf(ref, second, hashOf(ref))),
  };
  const empty = createDerivedTimeline(store, 0, EMPTY_TIMELINE_DATE);

  return {
    shopNo,
    store,
    ownDateType: 'join',
    timelineOf: (dateType) => timelines[dateType] ?? (OTHER_DATE_TYPES.has(dateType) ? empty : undefined),
    keyOf: (ref) => toMemberId(shopNo, ref),
    refOf(memberId) {
      const parsed = parseMemberId(memberId);
      return parsed?.shopNo === shopNo && store.has(parsed.ref) ? parsed.ref : undefined;
    },
    toObject,
    toTexts(refs, view) {
      const known = getTemplates(shopNo, view);
      return refs.map((ref) =>
        store.marksOf(ref) === undefined ? toGeneratedText(ref, view, known) : buildPlainText(toObject(ref, view)),
      );
    },
    flawOf: (ref) => store.marksOf(ref)?.flaw,
    toCanonicalText(ref) {
      const joined = toEpochSeconds(dayOf(ref), store.secondOf(ref));
      if (store.marksOf(ref) !== undefined) {
        const row = toObject(ref, WHOLE_ROW);
        return [shopNo, row['member_id'], row['email'], Number(row['total_points']).toFixed(2), joined].join('|');
      }
      const hash = hashOf(ref);
      const { profile } = getMemberProfile(hash);
      const slots = toSlots(ref, hash);
      return `${shopNo}|${slots.memberId}|${toEmail(profile, slots)}|${toTotalPoints(profile, slots)}|${joined}`;
    },
  };
}
