import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DOMAIN_TYPES } from '../../../src/domain/domain-type.ts';
import { POSTGRES, PROMETHEUS } from './queries.ts';

type Variable = Builder<VariableModel>;

/** Where the page is without an address of its own: behind a port-forward. The chart puts its publicUrl in this place. */
export const DEFAULT_PAGE = 'http://localhost:8080';

const ALL = { text: 'All', value: '$__all', selected: true };

function textBox(name: string, value: string): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder(name).defaultValue(value).current({ text: value, value, selected: true });
}

export const datasource: Variable = new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus');

export const postgres: Variable = new DatasourceVariableBuilder('postgres')
  .label('PostgreSQL')
  .type(POSTGRES.type ?? '')
  .description('A data source of the read-only role that docs/dashboards.md makes.');

/** All of them matches series without a namespace too, which `serve` has outside Kubernetes. */
export const namespace: Variable = new QueryVariableBuilder('namespace')
  .label('Namespace')
  .datasource(PROMETHEUS)
  .query('label_values(mallsync_build_info, namespace)')
  .refresh(VariableRefresh.OnTimeRangeChanged)
  .sort(VariableSort.AlphabeticalAsc)
  .includeAll(true)
  .allValue('.*')
  .current(ALL);

export const domain: Variable = new CustomVariableBuilder('domain')
  .label('Domain type')
  .values(DOMAIN_TYPES.join(','))
  .multi(true)
  .includeAll(true)
  .current(ALL);

const MALL_SERIES = ['token_expiry_timestamp_seconds', 'mall_last_complete_period_end_timestamp_seconds']
  .map((name) => `mallsync_${name}`)
  .join('|');

/** Malls with a consent or with data; any other number may be typed in. */
export const mall: Variable = new QueryVariableBuilder('mall')
  .label('Mall')
  .datasource(PROMETHEUS)
  .query(`label_values({__name__=~"${MALL_SERIES}", namespace=~"$namespace"}, mall_id)`)
  .refresh(VariableRefresh.OnTimeRangeChanged)
  .sort(VariableSort.NumericalAsc)
  .allowCustomValue(true);

export const anyMall: Variable = textBox('mall', '')
  .label('Mall')
  .description('The number of one mall; empty for all.');

export const page: Variable = textBox('page', DEFAULT_PAGE)
  .label('Page')
  .description('The address of the operator’s page, without a slash at its end: where links lead.');

export const schema: Variable = textBox('schema', 'mallsync')
  .label('Schema')
  .description('The database schema of mallsync’s tables.');
