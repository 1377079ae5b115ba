import type { Column, Table } from '../../adapters/postgres/table.ts';
import { LONGEST_MEMBER_ID } from '../member/member-table.ts';
import { column, columns, personalColumn } from '../describe-column.ts';

const identity: readonly Column[] = [
  column('shop_no', 'integer'),
  column('order_id', 'text', { maxLength: 50 }),
  ...columns('text', ['currency', 'market_id', 'market_order_no', 'market_seller_id', 'order_place_id']),
  column('order_place_name', 'text'),
  column('member_id', 'text', { maxLength: LONGEST_MEMBER_ID }),
  personalColumn('member_email', 'text'),
  column('member_authentication', 'text'),
  column('group_no_when_ordering', 'integer'),
  column('customer_group_no_when_ordering', 'text'),
  personalColumn('social_member_code', 'text'),
  column('social_name', 'text'),
];

const AMOUNTS = [
  'order_price_amount',
  'shipping_fee',
  'points_spent_amount',
  'credits_spent_amount',
  'coupon_discount_price',
  'coupon_shipping_fee_amount',
  'membership_discount_amount',
  'shipping_fee_discount_amount',
  'set_product_discount_amount',
  'app_discount_amount',
  'point_incentive_amount',
  'total_amount_due',
  'payment_amount',
  'market_other_discount_amount',
  'tax',
] as const;

function flattenAmounts(prefix: string, object: string): readonly Column[] {
  return AMOUNTS.map((property) => column(`${prefix}_${property}`, 'numeric', { source: { object, property } }));
}

const amounts: readonly Column[] = [
  ...flattenAmounts('initial', 'initial_order_amount'),
  ...flattenAmounts('actual', 'actual_order_amount'),
  ...columns('numeric', [
    'payment_amount',
    'commission',
    'admin_additional_amount',
    'additional_shipping_fee',
    'international_shipping_insurance',
    'additional_handling_fee',
    'total_supply_price',
    'naver_point',
    'exchange_rate',
  ]),
];

const payment: readonly Column[] = [
  ...columns('strings', ['payment_method', 'payment_method_name', 'payment_gateway_names']),
  ...columns('text', ['sub_payment_method_name', 'sub_payment_method_code']),
  ...columns('strings', ['transaction_ids', 'first_payment_methods']),
  // paid and canceled know a third letter, M for partly
  ...columns('text', ['easypay_name', 'paid']),
  personalColumn('billing_name', 'text'),
  ...columns('text', ['bank_code', 'bank_code_name']),
  personalColumn('bank_account_no', 'text'),
  personalColumn('bank_account_owner_name', 'text'),
  ...columns('boolean', ['use_escrow', 'postpay']),
  ...columns('text', ['payment_confirmation', 'loan_status', 'naverpay_payment_information']),
];

const state: readonly Column[] = [
  ...columns('instant', ['order_date', 'payment_date', 'cancel_date', 'return_confirmed_date']),
  column('wished_delivery_date', 'text'),
  column('wished_delivery_time', 'json'),
  ...columns('text', ['canceled', 'shipping_status']),
  ...columns('boolean', ['first_order', 'order_from_mobile', 'subscription', 'store_pickup', 'multiple_addresses']),
  column('show_shipping_address', 'boolean'),
  ...columns('text', ['shipping_type', 'shipping_type_text']),
  column('include_tax', 'boolean'),
  column('service_type', 'text'),
  ...columns('json', ['shipping_fee_detail', 'regional_surcharge_detail']),
  personalColumn('additional_order_info_list', 'json'),
  ...columns('json', ['tax_detail', 'service_data', 'market_discount_info']),
];

export const orderTable: Table = {
  name: 'tb_order',
  keyColumns: ['shop_no', 'order_id'],
  columns: [...identity, ...amounts, ...payment, ...state],
  // items have a table of their own; the other embedded parts are never asked for
  forbidden: ['items', 'buyer', 'receivers', 'return', 'cancellation', 'exchange', 'refunds', 'benefits', 'coupons'],
  isAlwaysWhole: false,
  erasedColumns: ['member_id'],
  timeline: {
    dateType: 'order_date',
    instant: 't.order_date',
    // an order's id begins with its day, which lets the key's own index find the days of a window
    reach: `t.order_id >= to_char($3::timestamptz at time zone 'Asia/Seoul' - interval '1 day', 'YYYYMMDD')
      and t.order_id < to_char($4::timestamptz at time zone 'Asia/Seoul' + interval '2 days', 'YYYYMMDD')`,
  },
};
