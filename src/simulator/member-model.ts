import { DAY_SECONDS, formatDay, formatTime, toDay, toEpochSeconds, toSecondOfDay } from './korean-time.ts';
import { parseMemberId, toMemberId } from './member-ids.ts';
import { buildMember, getMemberProfile, toEmail, toTotalPoints, type MemberSlots } from './member-profile.ts';
import { mix } from './random.ts';
import { dayOf, serialOf } from './row-ref.ts';
import type { RowStore } from './row-store.ts';
import { buildSlotToken } from './row-template.ts';
import type { Timeline } from './row-window.ts';
import type { RowModel } from './shop-rows.ts';
import { createDerivedTimeline, createOwnTimeline } from './timelines.ts';

const SLOT_WIDTHS = [16, 4, 4, 19, 19, 4] as const;
const LOGIN_DELAY_DAYS = 6;
const FLAW_FIELDS = {
  key: 'member_id',
  date: 'created_date',
  text: 'name',
  limitedText: 'nick_name',
  amount: 'total_points',
};
/** Date types of the API that no simulated member has a date for. */
const EMPTY_DATE_TYPES = new Set(['age', 'account_reactivation', 'wedding']);

function toToken(slot: number): string {
  return buildSlotToken(slot, SLOT_WIDTHS[slot] ?? 0);
}

function buildTokenSlots(): MemberSlots {
  return {
    memberId: toToken(0),
    phone: toToken(1) + toToken(2),
    createdDate: toToken(3),
    lastLoginDate: toToken(4),
    points: toToken(5),
  };
}

function revise(row: Readonly<Record<string, unknown>>, revision: number): Readonly<Record<string, unknown>> {
  if (revision === 0) return row;
  const points = (Number(row['total_points']) + revision).toFixed(2);
  return { ...row, total_points: points, available_points: points };
}

/** What the generator knows of a member, by ref. */
function createMemberFacts(shopNo: number, store: RowStore, key: number) {
  const hashOf = (ref: number): number => mix(mix(key, dayOf(ref)), serialOf(ref));

  function loginTimeOf(ref: number, second: number): number | null {
    const hash = hashOf(ref);
    if (!getMemberProfile(hash).profile.hasLoggedIn) return null;
    return toEpochSeconds(dayOf(ref), second) + (mix(hash, 1) % ((LOGIN_DELAY_DAYS - 1) * DAY_SECONDS));
  }

  function slotsOf(ref: number): MemberSlots {
    const hash = hashOf(ref);
    const second = store.secondOf(ref);
    const login = loginTimeOf(ref, second) ?? toEpochSeconds(dayOf(ref), second);
    return {
      memberId: toMemberId(shopNo, ref),
      phone: String((mix(hash, 2) % 90_000_000) + 10_000_000),
      createdDate: `${formatDay(dayOf(ref))}T${formatTime(second)}`,
      lastLoginDate: `${formatDay(toDay(login))}T${formatTime(toSecondOfDay(login))}`,
      points: String((mix(hash, 3) % 9000) + 1000),
    };
  }

  return { loginTimeOf, slotsOf, profileOf: (ref: number) => getMemberProfile(hashOf(ref)) };
}

export function createMemberModel(shopNo: number, store: RowStore, key: number): RowModel {
  const { loginTimeOf, slotsOf, profileOf } = createMemberFacts(shopNo, store, key);
  const timelines: Readonly<Record<string, Timeline>> = {
    join: createOwnTimeline(store),
    login: createDerivedTimeline(store, LOGIN_DELAY_DAYS, loginTimeOf),
  };
  const empty = createDerivedTimeline(store, 0, () => null);
  return {
    shopNo,
    ownDateType: 'join',
    flawFields: FLAW_FIELDS,
    slotWidths: SLOT_WIDTHS,
    templateKey: `members|${shopNo}`,
    profileOf: (ref) => profileOf(ref).index,
    build: (ref, view) => buildMember(profileOf(ref).profile, slotsOf(ref), shopNo, view.isDetail),
    buildWithTokens: (ref, view) => buildMember(profileOf(ref).profile, buildTokenSlots(), shopNo, view.isDetail),
    slotValuesOf(ref) {
      const { memberId, phone, createdDate, lastLoginDate, points } = slotsOf(ref);
      return [memberId, phone.slice(0, 4), phone.slice(4), createdDate, lastLoginDate, points];
    },
    revise,
    keyOf: (ref) => toMemberId(shopNo, ref),
    parseKey(memberId) {
      const parsed = parseMemberId(memberId);
      return parsed?.shopNo === shopNo ? parsed.ref : undefined;
    },
    toCanonicalText(ref) {
      const slots = slotsOf(ref);
      const { profile } = profileOf(ref);
      const joined = toEpochSeconds(dayOf(ref), store.secondOf(ref));
      return `${shopNo}|${slots.memberId}|${toEmail(profile, slots)}|${toTotalPoints(profile, slots)}|${joined}`;
    },
    toEditedCanonicalText(ref, row) {
      const joined = toEpochSeconds(dayOf(ref), store.secondOf(ref));
      return [shopNo, row['member_id'], row['email'], Number(row['total_points']).toFixed(2), joined].join('|');
    },
    timelineOf: (dateType) => timelines[dateType] ?? (EMPTY_DATE_TYPES.has(dateType) ? empty : undefined),
  };
}
