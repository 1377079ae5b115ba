import { formatCents, type OrderLine, type OrderProfile, type OrderState } from './order-profile.ts';
import { toItemDate, type OrderSlots } from './order-slots.ts';

const PRODUCT_NAMES = ['머그컵', 'Sample "Classic" Mug', '린넨 셔츠', '수제 잼\n(딸기)', '텀블러 🥤'] as const;

interface ItemStatus {
  readonly status: string;
  readonly code: string;
  readonly text: string;
}

const LINE_STATUS: Readonly<Record<OrderState, ItemStatus>> = {
  unpaid: { status: 'N00', code: 'N1', text: '입금전' },
  preparing: { status: 'N10', code: 'N1', text: '상품준비중' },
  shipping: { status: 'N30', code: 'N1', text: '배송중' },
  delivered: { status: 'N40', code: 'N1', text: '배송완료' },
  'partly-cancelled': { status: 'N40', code: 'N1', text: '배송완료' },
  cancelled: { status: 'C40', code: 'C2', text: '취소완료' },
  'cancelled-unpaid': { status: 'C48', code: 'C1', text: '입금전취소' },
  returned: { status: 'R40', code: 'C3', text: '반품완료' },
};

function toStatus(state: OrderState, line: OrderLine): ItemStatus {
  return LINE_STATUS[state === 'partly-cancelled' && line.isCancelled ? 'cancelled' : state];
}

function toProductCode(productNo: number): string {
  return `P${String(productNo).padStart(7, '0')}`;
}

function buildProduct(profile: OrderProfile, line: OrderLine, index: number): Record<string, unknown> {
  const productCode = toProductCode(line.productNo);
  const hasOption = line.productNo % 3 === 0;
  return {
    variant_code: `${productCode}000${String.fromCharCode(65 + (index % 26))}`,
    product_no: line.productNo,
    product_code: productCode,
    product_name: PRODUCT_NAMES[line.productNo % PRODUCT_NAMES.length],
    option_value: hasOption ? '색상=아이보리, 사이즈=M' : '',
    product_price: formatCents(line.priceCents),
    option_price: '0.00',
    additional_discount_price: '0.00',
    coupon_discount_price: '0.00',
    app_item_discount_amount: '0.00',
    payment_amount: profile.index % 2 === 0 ? null : formatCents(line.priceCents * line.quantity),
    quantity: line.quantity,
    product_tax_type: 'A',
    tax_rate: 10,
    supplier_id: 'S0000000',
    supply_price: formatCents(Math.floor(line.priceCents / 2)),
    multi_invoice: [],
    product_bundle_list: [],
    labels: null,
    options: hasOption ? [{ option_code: 'O0001', option_name: '색상', option_value: '아이보리' }] : [],
  };
}

function buildProgress(profile: OrderProfile, line: OrderLine, slots: OrderSlots): Record<string, unknown> {
  const { status, code, text } = toStatus(profile.state, line);
  const hasClaim = code.startsWith('C');
  const sentAt = line.isCancelled ? null : toItemDate(slots.shipped);
  const cancelledAt = line.isCancelled ? toItemDate(slots.cancelled) : null;
  return {
    order_status: status,
    status_code: code,
    status_text: text,
    claim_code: hasClaim ? `C${slots.orderId}` : null,
    claim_reason_type: hasClaim ? 'A' : null,
    claim_quantity: hasClaim ? line.quantity : 0,
    tracking_no: sentAt === null ? null : `6${String(line.productNo).padStart(11, '0')}`,
    shipping_code: `D-${slots.orderId}-00`,
    ordered_date: toItemDate(slots.ordered),
    shipped_date: sentAt,
    delivered_date: profile.state === 'delivered' ? sentAt : null,
    purchaseconfirmation_date: null,
    cancel_date: cancelledAt,
    cancel_request_date: cancelledAt,
    refund_date: profile.state === 'cancelled-unpaid' ? null : cancelledAt,
    return_request_date: null,
    return_confirmed_date: toItemDate(slots.returned),
    exchange_request_date: null,
    exchange_date: null,
  };
}

export function buildItems(profile: OrderProfile, slots: OrderSlots, shopNo: number): Record<string, unknown>[] {
  return profile.lines.map((line, index) => ({
    shop_no: shopNo,
    item_no: index + 1,
    order_item_code: `${slots.orderId}-${String(index + 1).padStart(2, '0')}`,
    ...buildProduct(profile, line, index),
    ...buildProgress(profile, line, slots),
    original_item_no: null,
    gift: 'F',
    subscription: 'F',
  }));
}
