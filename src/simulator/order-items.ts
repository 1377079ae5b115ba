import { formatCents, type OrderLine, type OrderProfile } from './order-profile.ts';
import type { OrderSlots } from './order-slots.ts';

const PRODUCT_NAMES = ['머그컵', 'Sample "Classic" Mug', '린넨 셔츠', '수제 잼\n(딸기)', '텀블러 🥤'] as const;

interface ItemStatus {
  readonly status: string;
  readonly code: string;
  readonly text: string;
}

function toStatus(profile: OrderProfile, line: OrderLine): ItemStatus {
  if (profile.state === 'cancelled-unpaid') return { status: 'C48', code: 'C1', text: '입금전취소' };
  if (line.isCancelled) return { status: 'C40', code: 'C2', text: '취소완료' };
  switch (profile.state) {
    case 'unpaid':
      return { status: 'N00', code: 'N1', text: '입금전' };
    case 'preparing':
      return { status: 'N10', code: 'N1', text: '상품준비중' };
    case 'shipping':
      return { status: 'N30', code: 'N1', text: '배송중' };
    case 'returned':
      return { status: 'R40', code: 'C3', text: '반품완료' };
    default:
      return { status: 'N40', code: 'N1', text: '배송완료' };
  }
}

function toProductCode(productNo: number): string {
  return `P${String(productNo).padStart(7, '0')}`;
}

function buildItem(
  profile: OrderProfile,
  line: OrderLine,
  index: number,
  slots: OrderSlots,
  shopNo: number,
): Record<string, unknown> {
  const { status, code, text } = toStatus(profile, line);
  const productCode = toProductCode(line.productNo);
  const number = String(index + 1).padStart(2, '0');
  const isRefunded = line.isCancelled && profile.state !== 'cancelled-unpaid';
  const isSent = slots.shipDay !== null && !line.isCancelled;
  const hasClaim = code.startsWith('C');
  const sentAt = isSent ? `${slots.shipDay} ${slots.shipTime}` : null;
  const cancelledAt = line.isCancelled ? `${slots.cancelDay} ${slots.cancelTime}` : null;
  return {
    shop_no: shopNo,
    item_no: index + 1,
    order_item_code: `${slots.orderId}-${number}`,
    variant_code: `${productCode}000${String.fromCharCode(65 + (index % 26))}`,
    product_no: line.productNo,
    product_code: productCode,
    product_name: PRODUCT_NAMES[line.productNo % PRODUCT_NAMES.length],
    option_value: line.productNo % 3 === 0 ? '색상=아이보리, 사이즈=M' : '',
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
    order_status: status,
    status_code: code,
    status_text: text,
    claim_code: hasClaim ? `C${slots.orderId}` : null,
    claim_reason_type: hasClaim ? 'A' : null,
    claim_quantity: hasClaim ? line.quantity : 0,
    tracking_no: isSent ? `6${String(line.productNo).padStart(11, '0')}` : null,
    shipping_code: `D-${slots.orderId}-00`,
    ordered_date: `${slots.orderDay} ${slots.orderTime}`,
    shipped_date: sentAt,
    delivered_date: profile.state === 'delivered' ? sentAt : null,
    purchaseconfirmation_date: null,
    cancel_date: cancelledAt,
    cancel_request_date: cancelledAt,
    refund_date: isRefunded ? cancelledAt : null,
    return_request_date: null,
    return_confirmed_date: profile.state === 'returned' ? `${slots.returnDay} ${slots.returnTime}` : null,
    exchange_request_date: null,
    exchange_date: null,
    original_item_no: null,
    gift: 'F',
    subscription: 'F',
    supply_price: formatCents(Math.floor(line.priceCents / 2)),
    multi_invoice: [],
    product_bundle_list: [],
    labels: null,
    options: line.productNo % 3 === 0 ? [{ option_code: 'O0001', option_name: '색상', option_value: '아이보리' }] : [],
  };
}

export function buildItems(profile: OrderProfile, slots: OrderSlots, shopNo: number): Record<string, unknown>[] {
  return profile.lines.map((line, index) => buildItem(profile, line, index, slots, shopNo));
}
