import type { KubeObject } from './api-server-door.ts';
import type { AuditCall } from './audit-log.ts';

/** `verb group/resource`, with the object's name where the rules name it. */
export function listGranted(rbac: readonly KubeObject[], account: string): ReadonlySet<string> {
  const bindings = rbac.filter(({ subjects }) => subjects?.some(({ name }: KubeObject) => name === account) === true);
  const roles = bindings.map(({ roleRef }) => rbac.find((one) => one.kind === roleRef.kind && isNamed(one, roleRef)));
  const rules: readonly KubeObject[] = roles.flatMap(({ rules: all }) => all);
  return new Set(
    rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [''] }) =>
      combine(verbs, apiGroups, resources, resourceNames),
    ),
  );
}

/** As the rules would have to be for it: with the name only where the rules do name one. */
export function toUsed({ verb, group, resource, name }: AuditCall, granted: ReadonlySet<string>): string {
  const named = toRight(verb, group, resource, name);
  return granted.has(named) ? named : toRight(verb, group, resource, '');
}

function isNamed({ metadata }: KubeObject, { name }: KubeObject): boolean {
  return metadata.name === name;
}

function combine(...[verbs, groups, resources, names]: readonly (readonly string[])[]): readonly string[] {
  return (verbs ?? []).flatMap((verb) =>
    (groups ?? []).flatMap((group) =>
      (resources ?? []).flatMap((resource) => (names ?? []).map((name) => toRight(verb, group, resource, name))),
    ),
  );
}

function toRight(verb: string, group: string, resource: string, name: string): string {
  return `${verb} ${group}/${resource} ${name}`.trimEnd();
}
