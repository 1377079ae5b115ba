import { z } from 'zod';
import { ALERTS } from '../monitoring/alerts/render-rules.ts';
import { emptyOr, isOn, textMap } from './fields.ts';

const ALERT_NAMES = ALERTS.map(({ name }) => name);

const severity = z.string().regex(/^[A-Za-z][-_A-Za-z0-9]{0,62}$/);

const RULES = z
  .strictObject({
    enabled: isOn(false).describe('Whether there are any; needs the Prometheus operator.'),
    labels: textMap.default({}).describe('Labels that Prometheus selects by.'),
    disabled: z.array(z.enum(ALERT_NAMES)).default([]).describe('Alerts to leave out, by their names.'),
    severities: z
      .strictObject(Object.fromEntries(ALERT_NAMES.map((name) => [name, severity.optional()])))
      .default({})
      .describe('Other values of the label severity, by the names of alerts.'),
    runbookUrl: emptyOr(/^https?:\/\/\S+$/)
      .default('')
      .describe('Where docs/runbooks is, for the links in alerts; empty: they name the file.'),
  })
  .describe('Alerts, as PrometheusRules.');

export const MONITORING_VALUES = {
  monitoring: z
    .strictObject({
      serviceMonitor: z
        .strictObject({
          enabled: isOn(false).describe('Whether there are any; needs the Prometheus operator.'),
          labels: textMap.default({}).describe('Labels that Prometheus selects by.'),
          interval: z
            .string()
            .regex(/^[1-9][0-9]*(s|m)$/)
            .default('30s')
            .describe('How often metrics are read; at most 2m.'),
        })
        .describe('The ServiceMonitors of the controller and the page.'),
      rules: RULES,
      dashboards: z
        .strictObject({
          enabled: isOn(false).describe('Whether there are any.'),
          labels: textMap.default({ grafana_dashboard: '1' }).describe('Labels that Grafana’s sidecar selects by.'),
        })
        .describe('Dashboards, as ConfigMaps for Grafana.'),
    })
    .describe('Prometheus and Grafana.'),
};
