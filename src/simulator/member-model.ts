import { DAY_SECONDS, toDay, toEpochSeconds, toSecondOfDay } from './korean-time.ts';
import { MEMBER_ID_WIDTH, parseMemberId, toMemberId, writeMemberId } from './member-ids.ts';
import { buildMember, getMemberProfile, toEmail, toTotalPoints, type MemberSlots } from './member-profile.ts';
import { mix } from './random.ts';
import { dayOf, serialOf } from './row-ref.ts';
import type { RowStore } from './row-store.ts';
import type { Timeline } from './row-window.ts';
import type { RowModel } from './shop-rows.ts';
import { buildSlotToken, createSlotLayout, readSlot, writeDay, writeDigits, writeTime } from './slots.ts';
import { createDerivedTimeline, createOwnTimeline } from './timelines.ts';

/** Member id, the two halves of the phone number, joined at, last login, points. */
const LAYOUT = createSlotLayout([MEMBER_ID_WIDTH, 4, 4, 19, 19, 4]);
const [ID_AT = 0, PHONE_AT = 0, , JOINED_AT = 0, LOGIN_AT = 0, POINTS_AT = 0] = LAYOUT.offsets;
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

function toSlots(textOf: (slot: number) => string): MemberSlots {
  return {
    memberId: textOf(0),
    phone: textOf(1) + textOf(2),
    createdDate: textOf(3),
    lastLoginDate: textOf(4),
    points: textOf(5),
  };
}

const TOKENS = toSlots((slot) => buildSlotToken(LAYOUT, slot));

function writeMoment(slots: Uint8Array, at: number, day: number, secondOfDay: number): void {
  writeDay(slots, at, day);
  slots[at + 10] = 84;
  writeTime(slots, at + 11, secondOfDay);
}

function revise(row: Readonly<Record<string, unknown>>, revision: number): Readonly<Record<string, unknown>> {
  if (revision === 0) return row;
  const points = (Number(row['total_points']) + revision).toFixed(2);
  return { ...row, total_points: points, available_points: points };
}

/** What the generator knows of a member, by ref. */
function createMemberFacts(shopNo: number, store: RowStore, key: number) {
  const hashOf = (ref: number): number => mix(mix(key, dayOf(ref)), serialOf(ref));
  const scratch = Buffer.alloc(LAYOUT.size);

  function loginTimeOf(ref: number, second: number): number | null {
    const hash = hashOf(ref);
    if (!getMemberProfile(hash).profile.hasLoggedIn) return null;
    return toEpochSeconds(dayOf(ref), second) + (mix(hash, 1) % ((LOGIN_DELAY_DAYS - 1) * DAY_SECONDS));
  }

  function writeSlots(ref: number, slots: Uint8Array): void {
    const hash = hashOf(ref);
    const second = store.secondOf(ref);
    const login = loginTimeOf(ref, second) ?? toEpochSeconds(dayOf(ref), second);
    writeMemberId(slots, ID_AT, shopNo, ref);
    writeDigits(slots, PHONE_AT, 8, (mix(hash, 2) % 90_000_000) + 10_000_000);
    writeMoment(slots, JOINED_AT, dayOf(ref), second);
    writeMoment(slots, LOGIN_AT, toDay(login), toSecondOfDay(login));
    writeDigits(slots, POINTS_AT, 4, (mix(hash, 3) % 9000) + 1000);
  }

  function slotsOf(ref: number): MemberSlots {
    writeSlots(ref, scratch);
    return toSlots((slot) => readSlot(LAYOUT, scratch, slot));
  }

  return { loginTimeOf, writeSlots, slotsOf, profileOf: (ref: number) => getMemberProfile(hashOf(ref)) };
}

export function createMemberModel(shopNo: number, store: RowStore, key: number): RowModel {
  const { loginTimeOf, writeSlots, slotsOf, profileOf } = createMemberFacts(shopNo, store, key);
  const timelines: Readonly<Record<string, Timeline>> = {
    join: createOwnTimeline(store),
    login: createDerivedTimeline(store, LOGIN_DELAY_DAYS, loginTimeOf),
  };
  const empty = createDerivedTimeline(store, 0, () => null);
  return {
    shopNo,
    ownDateType: 'join',
    flawFields: FLAW_FIELDS,
    slotLayout: LAYOUT,
    templateKey: `members|${shopNo}`,
    profileOf: (ref) => profileOf(ref).index,
    build: (ref, view) => buildMember(profileOf(ref).profile, slotsOf(ref), shopNo, view.isDetail),
    buildWithTokens: (ref, view) => buildMember(profileOf(ref).profile, TOKENS, shopNo, view.isDetail),
    writeSlots,
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
