import type { Cafe24Client } from '../../adapters/cafe24/client.ts';
import { createPageSource } from '../../adapters/cafe24/page-source.ts';
import { NotApprovedError } from '../../adapters/cafe24/status-policy.ts';
import type { Mall } from '../../domain/mall.ts';
import { splitAtSeoulDays } from '../../domain/period.ts';
import type { PageSource } from '../../engine/page-source.ts';
import type { MallSettings } from '../mall-settings.ts';
import { createSalesFromOrders } from './sales-from-orders.ts';
import { salesResource } from './sales-resource.ts';

/**
 * The statistics endpoint where Cafe24 has approved the app for it, else figures from orders. A 403 of the endpoint
 * decides for the rest of the run; each row's source column says which it was.
 */
export function createSalesSource(
  client: Cafe24Client,
  mall: Pick<Mall, 'shopNos'>,
  { salesSource }: Pick<MallSettings, 'salesSource'>,
): PageSource {
  const statistics = createPageSource({ client, mall, resource: salesResource });
  const fromOrders = createSalesFromOrders(client);
  let isApproved = salesSource !== 'orders';

  const noteRefusal = (thrown: unknown): undefined => {
    if (!(thrown instanceof NotApprovedError) || salesSource === 'hourlysales') throw thrown;
    isApproved = false;
  };
  const fetchPage: PageSource['fetchPage'] = async (window, offset, limit, signal) => {
    if (!isApproved) return fromOrders.fetchPage(window, offset, limit, signal);
    const page = await statistics.fetchPage(window, offset, limit, signal).catch(noteRefusal);
    return page ?? fromOrders.fetchPage(window, offset, limit, signal);
  };

  return {
    windowCeiling: statistics.windowCeiling,
    maxOffset: statistics.maxOffset,
    async listWindows(period, signal) {
      const windows = await statistics.listWindows(period, signal);
      const [first] = windows;
      if (first !== undefined && salesSource === 'auto')
        await statistics.fetchPage(first, 0, 1, signal).catch(noteRefusal);
      if (isApproved) return windows;
      // added up from orders, a long window would be one long look that a failure begins anew
      return windows.flatMap((window) => splitAtSeoulDays(window).map((day) => ({ ...window, ...day })));
    },
    countRows: () => Promise.resolve(null),
    fetchPage,
    fetchByKeys: null,
  };
}
