import { Document, isMap, visit } from 'yaml';
import { ALERT_GROUPS, type Alert, type AlertGroup } from './alert.ts';
import { CONTROLLER_ALERTS } from './controller-alerts.ts';
import { FLEET_ALERTS } from './fleet-alerts.ts';

export const ALERTS: readonly Alert[] = [...FLEET_ALERTS, ...CONTROLLER_ALERTS];

const HEAD = ' Made by `npm run charts` from charts/monitoring/alerts: change it there.';

/** The runbook of an alert, in the repository. */
export function toRunbookPath(name: string): string {
  return `docs/runbooks/${name}.md`;
}

/** The rule files by their path, as Prometheus loads them. */
export function renderRules(): ReadonlyMap<string, string> {
  return new Map(ALERT_GROUPS.map((group) => [`charts/mallsync/rules/${group}.yaml`, renderGroup(group)]));
}

function renderGroup(group: AlertGroup): string {
  const rules = ALERTS.filter((alert) => alert.group === group).map(toRule);
  const document = new Document({ groups: [{ name: `mallsync-${group}`, rules }] });
  document.commentBefore = HEAD;
  visit(document, {
    Pair(_, { value }) {
      if (isMap(value)) value.flow = false;
    },
  });
  return document.toString({ lineWidth: 0 });
}

function toRule({ name, expr, for: wait, severity, summary, description }: Alert): object {
  return {
    alert: name,
    expr,
    ...(wait === '0m' ? {} : { for: wait }),
    labels: { severity },
    annotations: { summary, description, runbook_url: toRunbookPath(name) },
  };
}

/** The table of docs/runbooks/README.md. */
export function renderRunbookTable(): string {
  const rows = ALERTS.map(({ name, severity, firesWhen }) => `| [${name}](${name}.md) | ${severity} | ${firesWhen} |`);
  return ['| alert, with its runbook | severity | fires when |', '| --- | --- | --- |', ...rows].join('\n');
}
