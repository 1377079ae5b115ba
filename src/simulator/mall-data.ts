import { createHourlySales, type HourlySales } from './hourly-sales.ts';
import { parseDay } from './korean-time.ts';
import type { MallSettings, ShopSettings } from './mall.ts';
import { createMemberSource } from './member-ids.ts';
import { createMemberModel } from './member-model.ts';
import { createOrderFacts } from './order-facts.ts';
import { createOrderModel } from './order-model.ts';
import { readOrderPayment } from './order-payments.ts';
import { hashText, mix } from './random.ts';
import { createRowStore } from './row-store.ts';
import { createShopRows, type ShopRows } from './shop-rows.ts';

export interface ShopData {
  readonly settings: ShopSettings;
  readonly members: ShopRows;
  readonly orders: ShopRows;
  readonly sales: HourlySales;
}

export interface MallData {
  /** The first Korean day that has rows. */
  readonly firstDay: number;
  readonly shops: readonly ShopData[];
  shop(shopNo: number): ShopData | undefined;
}

type Volume = MallSettings['membersPerDay'];

function toVolume(volume: Volume, key: number, day: number): number {
  if (typeof volume === 'number') return volume;
  return Math.max(0, volume.base - volume.spread + (mix(key, day) % (2 * volume.spread + 1)));
}

/** Splits a mall's day over its shops so that the parts add up exactly. */
function createShopVolumes(settings: MallSettings, volume: Volume, key: number): ((day: number) => number)[] {
  const weights = settings.shops.map((shop, index) => shop.share ?? 1 / (index + 1));
  const sum = weights.reduce((a, b) => a + b, 0);
  const firstDay = parseDay(settings.firstDay) ?? 0;
  let before = 0;
  return weights.map((weight) => {
    const from = sum === 0 ? 0 : before / sum;
    before += weight;
    const to = sum === 0 ? 0 : before / sum;
    return (day) => {
      if (day < firstDay) return 0;
      const rows = toVolume(volume, key, day);
      return Math.round(to * rows) - Math.round(from * rows);
    };
  });
}

function noRows(): number {
  return 0;
}

export function createMallData(settings: MallSettings, seed: number): MallData {
  const mallKey = hashText(settings.cafe24MallId, seed);
  const memberVolumes = createShopVolumes(settings, settings.membersPerDay, mix(mallKey, 1));
  const orderVolumes = createShopVolumes(settings, settings.ordersPerDay, mix(mallKey, 2));

  const shops = settings.shops.map((shop, shopIndex): ShopData => {
    const memberKey = mix(mallKey, 100 + shop.shopNo);
    const orderKey = mix(mallKey, 200 + shop.shopNo);
    const membersOn = memberVolumes[shopIndex] ?? noRows;
    const ordersOn = orderVolumes[shopIndex] ?? noRows;
    const memberStore = createRowStore({ key: memberKey, sizeOf: membersOn, poison: settings.poison.members });
    const orderStore = createRowStore({ key: orderKey, sizeOf: ordersOn, poison: settings.poison.orders });
    const orderShop = {
      shopNo: shop.shopNo,
      currency: shop.currency,
      itemsPerOrder: settings.itemsPerOrder,
      shopIndex,
      shopCount: settings.shops.length,
      memberSource: createMemberSource(membersOn),
    };
    const facts = createOrderFacts(orderShop, orderStore, orderKey);
    const orders = createShopRows(createOrderModel(orderShop, orderStore, facts), orderStore);
    return {
      settings: shop,
      members: createShopRows(createMemberModel(shop.shopNo, memberStore, memberKey), memberStore),
      orders,
      sales: createHourlySales(orders, (ref) => readOrderPayment(facts, orderStore, ref)),
    };
  });

  return {
    firstDay: parseDay(settings.firstDay) ?? 0,
    shops,
    shop: (shopNo) => shops.find((shop) => shop.settings.shopNo === shopNo),
  };
}
