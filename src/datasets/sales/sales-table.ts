import type { Table } from '../../adapters/postgres/table.ts';
import { column, columns } from '../describe-column.ts';

/** Where the figures of an hour come from; the API's own rows say nothing of it. */
export const SALES_SOURCE = { statistics: 'hourlysales', orders: 'orders' } as const;
export const SOURCE_PROPERTY = 'mallsync_source';

export const salesTable: Table = {
  name: 'tb_sales_hourly',
  keyColumns: ['shop_no', 'collection_date', 'collection_hour'],
  columns: [
    column('shop_no', 'integer'),
    column('collection_date', 'date'),
    column('collection_hour', 'integer'),
    column('source', 'text', { source: { property: SOURCE_PROPERTY }, absent: SALES_SOURCE.statistics }),
    ...columns('bigint', ['order_count', 'item_count']),
    ...columns('numeric', [
      'order_price_amount',
      'order_sale_price',
      'shipping_fee',
      'coupon_discount_price',
      'actual_order_amount',
      'refund_amount',
      'sales',
      'used_points',
      'used_credits',
      'used_naver_points',
      'used_naver_cash',
      'refund_points',
      'refund_credits',
      'refund_naver_points',
      'refund_naver_cash',
    ]),
  ],
  forbidden: [],
  isAlwaysWhole: false,
  erasedColumns: [],
  timeline: {
    dateType: 'collection_date',
    instant: `(t.collection_date + make_interval(hours => t.collection_hour)) at time zone 'Asia/Seoul'`,
    reach: `t.collection_date >= ($3::timestamptz at time zone 'Asia/Seoul')::date
      and t.collection_date <= ($4::timestamptz at time zone 'Asia/Seoul')::date`,
  },
};
