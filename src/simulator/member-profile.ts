import { mix, pick } from './random.ts';

/** Everything of a member that many members share; what tells them apart fills the slots. */
export interface MemberProfile {
  readonly emailDomain: string;
  readonly hasPoints: boolean;
  readonly hasLoggedIn: boolean;
  readonly columns: Readonly<Record<string, unknown>>;
}

export interface MemberSlots {
  readonly memberId: string;
  readonly phone: string;
  readonly createdDate: string;
  readonly lastLoginDate: string;
  readonly points: string;
}

const PROFILE_COUNT = 256;
const SURNAMES = ['김', '이', '박', '최', '정', '강', '조', '윤', '장', '임', '한', '오'] as const;
const GIVEN_NAMES = [
  '서연',
  '민준',
  '하은',
  '도윤',
  '지우',
  '예준',
  '서현',
  '시우',
  '수아',
  '주원',
  '은',
  '별하나',
] as const;
const ROMAN_NAMES = ['Kim Seo', 'Lee Min', 'Park Ha', "O'Neil Jun", 'Choi "Ji"', ''] as const;
const CITIES = [
  ['서울특별시', '서울', '서울특별시 강남구 테헤란로'],
  ['부산광역시', '부산', '부산광역시 해운대구 센텀중앙로'],
  ['제주시', '제주', '제주특별자치도 제주시 첨단로'],
  ['수원시', '경기', '경기도 수원시 영통구 광교중앙로'],
  ['', '', ''],
] as const;
const JOBS = ['회사원', '자영업', '학생', ''] as const;
const EMAIL_DOMAINS = ['example.com', 'mail.example.org', 'example.co.kr'] as const;
const NICK_NAMES = ['', '구름', '햇살\n두줄', 'tab\there', 'back\\slash', '👒모자'] as const;

function buildIdentity(hash: (salt: number) => number): Record<string, unknown> {
  return {
    name: pick(SURNAMES, hash(1)) + pick(GIVEN_NAMES, hash(2)),
    name_english: pick(ROMAN_NAMES, hash(3)),
    name_phonetic: '',
  };
}

function buildAddress(hash: (salt: number) => number): Record<string, unknown> {
  const [city, state, street] = pick(CITIES, hash(4));
  return {
    city,
    state,
    address1: street === '' ? '' : `${street} ${(hash(5) % 300) + 1}`,
    address2: street === '' ? '' : `${(hash(6) % 20) + 1}층 ${(hash(7) % 900) + 101}호`,
  };
}

function buildStanding(hash: (salt: number) => number): Record<string, unknown> {
  const type = pick(['p', 'p', 'p', 'p', 'c', 'f'] as const, hash(10));
  return {
    member_authority: 'C',
    nick_name: pick(NICK_NAMES, hash(11)),
    recommend_id: '',
    residence: '',
    interest: pick(['', '패션', '주방'] as const, hash(12)),
    gender: pick(['F', 'M', ''] as const, hash(13)),
    member_type: type,
    company_type: type === 'c' ? pick(['p', 'c'] as const, hash(14)) : '',
    foreigner_type: type === 'f' ? pick(['f', 'p', 'd'] as const, hash(14)) : '',
    authentication_method: pick([null, 'i', 'm', 'e', 'd', 'a'] as const, hash(15)),
    lifetime_member: pick(['F', 'F', 'F', 'T'] as const, hash(16)),
    corporate_name: type === 'c' ? '주식회사 예시상사' : '',
    nationality: type === 'f' ? 'US' : '',
    shop_name: '',
    country_code: type === 'f' ? 'US' : 'KR',
    use_mobile_app: pick(['T', 'F'] as const, hash(17)),
    join_path: pick(['M', 'P'] as const, hash(18)),
    fixed_group: pick(['F', 'F', 'T'] as const, hash(19)),
    thirdparty_agree: pick(['T', 'F'] as const, hash(20)),
    refund_bank_code: pick(['', 'bank_04'] as const, hash(21)),
    refund_bank_account_no: hash(21) % 2 === 0 ? '' : `110${hash(22) % 1_000_000_000}`,
    refund_bank_account_holder: hash(21) % 2 === 0 ? '' : '예금주',
    company_condition: type === 'c' ? '도소매' : null,
    company_line: type === 'c' ? '의류' : null,
    sns_list: hash(23) % 5 === 0 ? ['KAKAO(2024-01-02 03:04:05)'] : [],
    account_reactivation_date: hash(24) % 19 === 0 ? '2025-01-15T08:30:00+09:00' : null,
  };
}

function buildProfile(index: number): MemberProfile {
  const hash = (salt: number): number => mix(index * 131 + 7, salt);
  return {
    emailDomain: pick(EMAIL_DOMAINS, hash(30)),
    hasPoints: hash(31) % 3 > 0,
    hasLoggedIn: hash(32) % 8 > 0,
    columns: {
      ...buildIdentity(hash),
      sms: pick(['T', 'F'] as const, hash(33)),
      news_mail: pick(['T', 'F'] as const, hash(34)),
      wedding_anniversary: hash(35) % 9 === 0 ? '2015-05-23' : null,
      birthday: hash(36) % 4 === 0 ? '' : `19${60 + (hash(37) % 40)}-0${(hash(38) % 9) + 1}-1${hash(39) % 10}`,
      solar_calendar: pick(['T', 'T', 'F'] as const, hash(40)),
      ...buildAddress(hash),
      group_no: (hash(41) % 4) + 1,
      job: pick(JOBS, hash(42)),
      job_class: '',
      zipcode: `0${1000 + (hash(43) % 9000)}`,
      member_authentication: pick(['T', 'T', 'T', 'F', 'B', 'J'] as const, hash(44)),
      use_blacklist: hash(45) % 40 === 0 ? 'T' : 'F',
      blacklist_type: hash(45) % 40 === 0 ? 'P' : '',
      ...buildStanding(hash),
    },
  };
}

const profiles = Array.from({ length: PROFILE_COUNT }, (_, index) => buildProfile(index));

export function getMemberProfile(hash: number): { readonly index: number; readonly profile: MemberProfile } {
  const index = hash % PROFILE_COUNT;
  const profile = profiles[index];
  if (profile === undefined) throw new RangeError(`no member profile ${index}`);
  return { index, profile };
}

export function toEmail(profile: MemberProfile, slots: MemberSlots): string {
  return `${slots.memberId}@${profile.emailDomain}`;
}

export function toTotalPoints(profile: MemberProfile, slots: MemberSlots): string {
  return profile.hasPoints ? `${slots.points}.00` : '0.00';
}

/** A row of `/customersprivacy`, every property the API documents. */
export function buildMember(
  profile: MemberProfile,
  slots: MemberSlots,
  shopNo: number,
  isDetail: boolean,
): Record<string, unknown> {
  const points = toTotalPoints(profile, slots);
  const detail = isDetail
    ? { available_credits: '0.00', additional_information: [{ key: 'how_found', value: '검색' }] }
    : {};
  return {
    shop_no: shopNo,
    member_id: slots.memberId,
    ...profile.columns,
    phone: '',
    cellphone: `010-${slots.phone.slice(0, 4)}-${slots.phone.slice(4)}`,
    email: toEmail(profile, slots),
    total_points: points,
    available_points: points,
    used_points: '0.00',
    created_date: `${slots.createdDate}+09:00`,
    last_login_date: profile.hasLoggedIn ? `${slots.lastLoginDate}+09:00` : '',
    ...detail,
  };
}
