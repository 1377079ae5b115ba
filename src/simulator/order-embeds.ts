import { buildItems } from './order-items.ts';
import type { OrderProfile } from './order-profile.ts';
import { toIso, type OrderSlots } from './order-slots.ts';

const EMBEDDED: Readonly<Record<string, (profile: OrderProfile, slots: OrderSlots, shopNo: number) => unknown>> = {
  items: buildItems,
  buyer: (profile, slots, shopNo) => ({
    shop_no: shopNo,
    member_id: profile.isGuest ? null : slots.memberId,
    member_group_no: profile.isGuest ? 0 : 1,
    name: '홍길동',
    names_furigana: '',
    email: `${slots.memberId}@example.com`,
    phone: '',
    cellphone: `010-${slots.phone}`,
    customer_notification: null,
    updated_date: toIso(slots.ordered),
    user_id: null,
    user_name: null,
    company_name: null,
    company_registration_no: null,
    buyer_zipcode: '06234',
    buyer_address1: '서울특별시 강남구 테헤란로',
    buyer_address2: '1층',
  }),
  receivers: (_profile, slots, shopNo) => [
    {
      shop_no: shopNo,
      name: '홍길동',
      name_furigana: '',
      phone: '',
      cellphone: `010-${slots.phone}`,
      virtual_phone_no: null,
      zipcode: '06234',
      address1: '서울특별시 강남구 테헤란로',
      address2: '1층',
      name_en: '',
      city_en: '',
      state_en: '',
      street_en: '',
      country_code: 'KR',
      country_name: '대한민국',
      country_name_en: 'KOREA',
      shipping_message: '문 앞에 놓아주세요',
      clearance_information_type: null,
      clearance_information: null,
      wished_delivery_date: null,
      wished_delivery_time: null,
      shipping_code: `D-${slots.orderId}-00`,
    },
  ],
  return: () => [],
  cancellation: () => [],
  exchange: () => [],
  refunds: () => [],
  benefits: () => [],
  coupons: () => [],
};

export const LIST_EMBEDS: readonly string[] = ['items', 'receivers', 'buyer', 'return', 'cancellation', 'exchange'];
export const DETAIL_EMBEDS: readonly string[] = Object.keys(EMBEDDED);

export function buildEmbedded(
  profile: OrderProfile,
  slots: OrderSlots,
  shopNo: number,
  embed: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(embed.map((name) => [name, EMBEDDED[name]?.(profile, slots, shopNo) ?? null]));
}
