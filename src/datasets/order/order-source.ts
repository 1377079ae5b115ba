import { createPageSource, type PageSourceDependencies } from '../../adapters/cafe24/page-source.ts';
import type { PageSource } from '../../engine/page-source.ts';
import type { MallSettings } from '../mall-settings.ts';
import { buildOrderResource, withItems } from './order-resource.ts';

export type OrderSourceDependencies = Omit<PageSourceDependencies, 'resource'> & {
  readonly settings: Pick<MallSettings, 'orderDateTypes'>;
  /** All that is stored, if absent. */
  readonly fields?: readonly string[];
};

export function createOrderSource({ settings, fields, ...dependencies }: OrderSourceDependencies): PageSource {
  const whole = buildOrderResource(settings);
  const resource = fields === undefined ? whole : { ...whole, fields };
  const counting = createPageSource({ ...dependencies, resource });
  return {
    ...createPageSource({ ...dependencies, resource: withItems(resource) }),
    countRows: (window, signal) => counting.countRows(window, signal),
  };
}
