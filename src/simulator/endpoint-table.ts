import type { EndpointCall } from './endpoint-call.ts';
import type { Endpoint } from './fault-schema.ts';
import type { HttpAnswer } from './http-answer.ts';
import { countMembers, listMembers, showMember } from './member-endpoints.ts';
import { countOrders, listOrders, showOrder } from './order-endpoints.ts';
import { listDailySales, listHourlySales } from './sales-endpoints.ts';
import { listShops } from './shop-endpoint.ts';

export interface EndpointRule {
  readonly bucketSize: number;
  readonly scope: string;
  readonly isForApprovedOnly: boolean;
  readonly run: (call: EndpointCall) => HttpAnswer;
}

function rule(scope: string, run: EndpointRule['run']): EndpointRule {
  return { bucketSize: 40, scope, isForApprovedOnly: false, run };
}

export const ENDPOINT_RULES: Readonly<Record<Endpoint, EndpointRule>> = {
  shops: rule('mall.read_store', listShops),
  customersprivacy: rule('mall.read_privacy', listMembers),
  'customersprivacy/count': rule('mall.read_privacy', countMembers),
  'customersprivacy/{id}': rule('mall.read_privacy', showMember),
  orders: rule('mall.read_order', listOrders),
  'orders/count': rule('mall.read_order', countOrders),
  'orders/{id}': rule('mall.read_order', showOrder),
  'reports/hourlysales': { ...rule('mall.read_salesreport', listHourlySales), isForApprovedOnly: true },
  'financials/dailysales': { ...rule('mall.read_salesreport', listDailySales), isForApprovedOnly: true, bucketSize: 1 },
};

function isEndpoint(path: string): path is Endpoint {
  return Object.hasOwn(ENDPOINT_RULES, path) && !path.endsWith('}');
}

export interface MatchedEndpoint {
  readonly endpoint: Endpoint;
  readonly id: string;
}

/** `path` is what follows `/api/v2/admin/`. */
export function matchEndpoint(path: string): MatchedEndpoint | undefined {
  if (isEndpoint(path)) return { endpoint: path, id: '' };
  const [, resource, id] = /^(customersprivacy|orders)\/([^/]+)$/.exec(path) ?? [];
  if (id === undefined) return undefined;
  const endpoint = resource === 'orders' ? 'orders/{id}' : 'customersprivacy/{id}';
  return { endpoint, id: decodeURIComponent(id) };
}
