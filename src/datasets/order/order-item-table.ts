import type { Column, Table } from '../../adapters/postgres/table.ts';
import { column, columns } from '../describe-column.ts';

const product: readonly Column[] = [
  column('shop_no', 'integer', { source: { property: 'shop_no', isOfParent: true } }),
  column('order_id', 'text', { source: { property: 'order_id', isOfParent: true } }),
  column('order_item_code', 'text', { maxLength: 60 }),
  column('item_no', 'integer'),
  column('variant_code', 'text'),
  column('product_no', 'bigint'),
  ...columns('text', ['product_code', 'product_name', 'option_value']),
  ...columns('numeric', [
    'product_price',
    'option_price',
    'additional_discount_price',
    'coupon_discount_price',
    'app_item_discount_amount',
    'payment_amount',
  ]),
  column('quantity', 'integer'),
  column('product_tax_type', 'text'),
  column('tax_rate', 'numeric'),
  column('supplier_id', 'text'),
  column('supply_price', 'numeric'),
];

const progress: readonly Column[] = [
  ...columns('text', ['order_status', 'status_code', 'status_text', 'claim_code', 'claim_reason_type']),
  column('claim_quantity', 'integer'),
  ...columns('text', ['tracking_no', 'shipping_code']),
  ...columns('instant', [
    'ordered_date',
    'shipped_date',
    'delivered_date',
    'purchaseconfirmation_date',
    'cancel_request_date',
    'cancel_date',
    'refund_date',
    'return_request_date',
    'return_confirmed_date',
    'exchange_request_date',
    'exchange_date',
  ]),
  column('original_item_no', 'strings'),
  ...columns('boolean', ['gift', 'subscription']),
  ...columns('json', ['multi_invoice', 'product_bundle_list']),
  column('labels', 'strings'),
  column('options', 'json'),
];

export const orderItemTable: Table = {
  name: 'tb_order_item',
  keyColumns: ['shop_no', 'order_id', 'order_item_code'],
  columns: [...product, ...progress],
  forbidden: ['shop_no', 'refund_bank_name', 'refund_bank_account_no', 'refund_bank_account_holder'],
  isAlwaysWhole: true,
  erasedColumns: [],
  timeline: null,
};
