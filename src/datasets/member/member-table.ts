import type { Column, Table } from '../../adapters/postgres/table.ts';
import { column, columns, personalColumn } from '../describe-column.ts';

/** Longer than the 20 characters that Cafe24 documents: ids of social log-ins are longer. */
export const LONGEST_MEMBER_ID = 100;

const identity: readonly Column[] = [
  column('shop_no', 'integer'),
  column('member_id', 'text', { maxLength: LONGEST_MEMBER_ID }),
  ...['name', 'name_english', 'name_phonetic'].map((name) => personalColumn(name, 'text')),
  ...['phone', 'cellphone', 'email'].map((name) => personalColumn(name, 'text')),
  ...columns('boolean', ['sms', 'news_mail', 'thirdparty_agree']),
  // texts, because a birthday by the lunar calendar may be the 30th of February
  ...['wedding_anniversary', 'birthday'].map((name) => personalColumn(name, 'text', 25)),
  column('solar_calendar', 'boolean'),
];

const standing: readonly Column[] = [
  ...columns('numeric', ['total_points', 'available_points', 'used_points', 'available_credits']),
  ...['city', 'state', 'address1', 'address2'].map((name) => personalColumn(name, 'text', 255)),
  personalColumn('zipcode', 'text', 14),
  column('group_no', 'integer'),
  ...['job', 'job_class', 'interest', 'residence'].map((name) => personalColumn(name, 'text')),
  ...columns('instant', ['created_date', 'last_login_date']),
  column('member_authentication', 'text'),
  column('use_blacklist', 'boolean'),
  ...columns('text', ['blacklist_type', 'member_authority']),
  personalColumn('nick_name', 'text', 50),
  personalColumn('recommend_id', 'text'),
  personalColumn('gender', 'text'),
];

const kind: readonly Column[] = [
  ...columns('text', ['member_type', 'company_type', 'foreigner_type', 'authentication_method']),
  ...columns('boolean', ['lifetime_member', 'use_mobile_app', 'fixed_group']),
  personalColumn('corporate_name', 'text'),
  personalColumn('nationality', 'text'),
  ...columns('text', ['shop_name', 'country_code', 'join_path']),
  personalColumn('company_condition', 'text'),
  personalColumn('company_line', 'text', 50),
  personalColumn('sns_list', 'strings'),
  column('account_reactivation_date', 'instant'),
  personalColumn('additional_information', 'json'),
];

export const memberTable: Table = {
  name: 'tb_member',
  keyColumns: ['shop_no', 'member_id'],
  columns: [...identity, ...standing, ...kind],
  forbidden: ['refund_bank_code', 'refund_bank_account_no', 'refund_bank_account_holder'],
  isAlwaysWhole: false,
  erasedColumns: [],
  timeline: {
    dateType: 'join',
    instant: 't.created_date',
    reach: 't.created_date >= $3::timestamptz and t.created_date < $4::timestamptz',
  },
};
