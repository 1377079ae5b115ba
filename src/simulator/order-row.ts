import {
  formatCents,
  isCancelled,
  isPaid,
  type Currency,
  type OrderAmounts,
  type OrderProfile,
} from './order-profile.ts';
import { toIso, type OrderSlots } from './order-slots.ts';

function buildAmounts(amounts: OrderAmounts, profile: OrderProfile): Record<string, unknown> {
  return {
    order_price_amount: formatCents(amounts.price),
    shipping_fee: formatCents(amounts.shippingFee),
    points_spent_amount: formatCents(amounts.points),
    credits_spent_amount: '0.00',
    coupon_discount_price: formatCents(amounts.coupon),
    coupon_shipping_fee_amount: '0.00',
    membership_discount_amount: formatCents(amounts.membership),
    shipping_fee_discount_amount: '0.00',
    ...(profile.index % 6 === 0 ? {} : { set_product_discount_amount: '0.00' }),
    app_discount_amount: '0.00',
    point_incentive_amount: '0.00',
    total_amount_due: isPaid(profile.state) ? '0.00' : formatCents(amounts.payment),
    payment_amount: formatCents(amounts.payment),
    market_other_discount_amount: '0.00',
    tax: null,
  };
}

function buildPayment(profile: OrderProfile): Record<string, unknown> {
  const method = profile.isBankTransfer ? 'cash' : 'card';
  return {
    payment_method: [method],
    payment_method_name: [profile.isBankTransfer ? '무통장입금' : '신용카드'],
    payment_gateway_names: profile.isBankTransfer ? null : ['samplepg'],
    sub_payment_method_name: null,
    sub_payment_method_code: null,
    transaction_ids: profile.isBankTransfer ? null : [`tid${1000 + profile.index}`],
    first_payment_methods: [method],
    easypay_name: profile.isMobile && !profile.isBankTransfer ? '샘플페이' : '',
    paid: isPaid(profile.state) ? 'T' : 'F',
    billing_name: profile.isBankTransfer ? '홍길동' : '',
    bank_code: profile.isBankTransfer ? 'bank_04' : '',
    bank_code_name: profile.isBankTransfer ? '샘플은행' : '',
    bank_account_no: profile.isBankTransfer ? '000-00-000000' : '',
    bank_account_owner_name: profile.isBankTransfer ? '예시상사' : '',
    use_escrow: 'F',
    postpay: 'F',
    payment_confirmation: null,
    loan_status: null,
    naverpay_payment_information: null,
  };
}

const SHIPPING_STATUS: Readonly<Record<OrderProfile['state'], string>> = {
  unpaid: 'X',
  preparing: 'F',
  shipping: 'M',
  delivered: 'T',
  'partly-cancelled': 'T',
  cancelled: 'F',
  'cancelled-unpaid': 'X',
  returned: 'T',
};

function buildState(profile: OrderProfile, slots: OrderSlots): Record<string, unknown> {
  return {
    order_date: toIso(slots.ordered),
    payment_date: toIso(slots.paid),
    cancel_date: toIso(slots.cancelled),
    return_confirmed_date: toIso(slots.returned),
    wished_delivery_date: '',
    wished_delivery_time: null,
    canceled: profile.state === 'partly-cancelled' ? 'M' : isCancelled(profile.state) ? 'T' : 'F',
    shipping_status: SHIPPING_STATUS[profile.state],
    first_order: profile.index % 4 === 0 ? 'T' : 'F',
    order_from_mobile: profile.isMobile ? 'T' : 'F',
    subscription: 'F',
    store_pickup: 'F',
    multiple_addresses: 'F',
    show_shipping_address: 'T',
    shipping_type: 'A',
    shipping_type_text: '국내배송',
    include_tax: 'T',
    service_type: null,
  };
}

/** A row of `/orders`, every property the API documents, without embedded parts. */
export function buildOrder(
  profile: OrderProfile,
  slots: OrderSlots,
  shop: { readonly shopNo: number; readonly currency: Currency },
): Record<string, unknown> {
  return {
    shop_no: shop.shopNo,
    currency: shop.currency,
    order_id: slots.orderId,
    market_id: 'self',
    market_order_no: null,
    market_seller_id: null,
    member_id: profile.isGuest ? null : slots.memberId,
    member_email: profile.isGuest ? null : `${slots.memberId}@example.com`,
    member_authentication: profile.isGuest ? '' : 'T',
    group_no_when_ordering: profile.isGuest ? 0 : 1 + (profile.index % 4),
    customer_group_no_when_ordering: null,
    social_member_code: null,
    social_name: null,
    initial_order_amount: buildAmounts(profile.initial, profile),
    actual_order_amount: buildAmounts(profile.actual, profile),
    payment_amount: formatCents(profile.actual.payment),
    commission: '0.00',
    admin_additional_amount: '0.00',
    additional_shipping_fee: '0.00',
    international_shipping_insurance: '0.00',
    additional_handling_fee: '0.00',
    total_supply_price: String(Math.floor(profile.initial.price / 200)),
    naver_point: 0,
    exchange_rate: '1.0000',
    ...buildPayment(profile),
    ...buildState(profile, slots),
    order_place_id: profile.isMobile ? 'mobile' : 'cafe24',
    order_place_name: profile.isMobile ? '모바일웹' : 'PC쇼핑몰',
    shipping_fee_detail: [],
    regional_surcharge_detail: [],
    additional_order_info_list: [],
    tax_detail: [],
    service_data: [],
    market_discount_info: null,
  };
}
