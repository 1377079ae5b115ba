import { z } from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import type { Cafe24Client } from './client.ts';
import { parseRows } from './rows-answer.ts';

const SHOPS_BUCKET = { endpoint: 'shops', size: 40, leakPerSecond: 2 };

const shopSchema = z.object({ shop_no: z.coerce.number().int().positive() });

/** Every shop the mall has, closed ones too: their members and orders are still there. */
export async function fetchShopNos(client: Cafe24Client, signal: AbortSignal): Promise<readonly number[]> {
  const answer = await client.get({ path: 'shops', bucket: SHOPS_BUCKET, query: {} }, signal);
  const shops = z
    .array(shopSchema)
    .min(1)
    .safeParse(parseRows(answer.body, 'shops', 'shops'));
  if (!shops.success) throw new TerminalError('UpstreamContract', 'the answer of shops holds no shop numbers');
  return [...new Set(shops.data.map((shop) => shop.shop_no))].sort((a, b) => a - b);
}
