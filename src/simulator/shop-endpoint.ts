import type { EndpointCall } from './endpoint-call.ts';
import { buildJsonAnswer, type HttpAnswer } from './http-answer.ts';

export function listShops(call: EndpointCall): HttpAnswer {
  const { settings } = call.mall;
  const shops = settings.shops.map((shop, index) => ({
    shop_no: shop.shopNo,
    default: index === 0 ? 'T' : 'F',
    shop_name: shop.name,
    language_code: shop.currency === 'KRW' ? 'ko_KR' : 'en_US',
    language_name: shop.currency === 'KRW' ? '한국어' : 'English',
    currency_code: shop.currency,
    currency_name: shop.currency,
    active: shop.active ? 'T' : 'F',
    timezone: shop.timezone,
    base_domain: `${settings.cafe24MallId}.cafe24.com`,
    primary_domain: `${settings.cafe24MallId}.example.com`,
  }));
  return buildJsonAnswer(200, { shops });
}
