import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** One request, as the API server wrote it down. */
export interface AuditCall {
  readonly user: string;
  /** As RBAC names it. */
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** With its subresource: `mallsyncs/status`. */
  readonly resource: string;
  readonly namespace: string;
  /** Empty for collections, and for creations where the server's list has no name. */
  readonly name: string;
  /** HTTP status. */
  readonly code: number;
  /** By RBAC; what is allowed may be refused for other reasons. */
  readonly isAllowed: boolean;
  readonly receivedAtMs: number;
  readonly answeredAtMs: number;
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

/** A watch is written down when it begins, everything else when it is answered. */
const STAGE_OF_WATCH = 'ResponseStarted';
const STAGE = 'ResponseComplete';

/** The answered requests for resources, in the order of their answers. `from`: where in the file the first event begins. */
export async function readAuditLog(
  path: string,
  isWanted: (user: string) => boolean,
  from = 0,
): Promise<readonly AuditCall[]> {
  const calls: AuditCall[] = [];
  for await (const line of createInterface({ input: createReadStream(path, { start: from }) })) {
    const event = JSON.parse(line) as AuditEvent;
    if (event.stage !== (event.verb === 'watch' ? STAGE_OF_WATCH : STAGE)) continue;
    if (event.objectRef?.resource !== undefined && isWanted(event.user.username)) calls.push(toCall(event));
  }
  return calls;
}

function toCall({ verb, user, objectRef = {}, responseStatus, annotations = {}, ...times }: AuditEvent): AuditCall {
  const { resource = '', subresource, namespace = '', name = '', apiGroup = '' } = objectRef;
  return {
    user: user.username,
    verb,
    group: apiGroup,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    code: responseStatus?.code ?? 0,
    isAllowed: annotations['authorization.k8s.io/decision'] === 'allow',
    receivedAtMs: Date.parse(times.requestReceivedTimestamp),
    answeredAtMs: Date.parse(times.stageTimestamp),
  };
}

/** How the API server names a service account. */
export function toUser(namespace: string, account: string): string {
  return `system:serviceaccount:${namespace}:${account}`;
}
