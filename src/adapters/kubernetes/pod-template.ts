import type { JobSettings, SecretKey } from './job-settings.ts';
import { isJsonObject, isObjectList, mergePodSpecs } from './pod-template-merge.ts';
import { SYNC_CONTAINER } from './pod-parser.ts';

/** Long enough to end a page and let the execution go. */
const GRACE_SECONDS = 60;

/** What the Pod Security level `restricted` asks for, and what the bookkeeping of outcomes rests on. */
const FIXED_POD = {
  restartPolicy: 'Never',
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
};

const FIXED_CONTAINER = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
  },
};

/** Fields of the container that other settings, or the execution, decide. */
const TAKEN: Readonly<Record<string, string>> = {
  image: 'it is MALLSYNC_JOB_IMAGE',
  args: 'they are the execution’s parameters',
};

/** The Job's own pod, with the partial PodSpec of the settings laid over it; what is fixed stays. */
export function buildPodSpec(args: readonly string[], settings: JobSettings): object {
  const own = {
    enableServiceLinks: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    containers: [
      {
        name: SYNC_CONTAINER,
        env: buildEnvironment(settings),
        resources: settings.resources,
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
  };
  const container = { name: SYNC_CONTAINER, image: settings.image, args, ...FIXED_CONTAINER };
  return mergePodSpecs(mergePodSpecs(own, settings.podTemplate), { ...FIXED_POD, containers: [container] });
}

function buildEnvironment(settings: JobSettings): readonly object[] {
  const { databaseUrl, databaseDirectUrl, encryptionKeys, environment } = settings;
  return [
    toSecretVariable('MALLSYNC_DATABASE_URL', databaseUrl),
    ...(databaseDirectUrl === null ? [] : [toSecretVariable('MALLSYNC_DATABASE_DIRECT_URL', databaseDirectUrl)]),
    toSecretVariable('MALLSYNC_ENCRYPTION_KEYS', encryptionKeys),
    ...Object.entries(environment).map(([name, value]) => ({ name, value })),
  ];
}

function toSecretVariable(name: string, { name: secret, key }: SecretKey): object {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

/** One sentence for each field of a partial PodSpec that the Jobs decide themselves; the API server judges the rest. */
export function listPodTemplateFaults(template: unknown): readonly string[] {
  if (!isJsonObject(template)) return ['must be an object, the part of a PodSpec to add'];
  const { containers = [], ...pod } = template;
  if (!isObjectList(containers)) return ['containers must be a list of objects'];
  const sync = containers.filter(({ name }) => name === SYNC_CONTAINER);
  return [
    ...listConflicts(FIXED_POD, pod, []),
    ...containers
      .filter(({ name }) => typeof name !== 'string')
      .map(() => `each of containers must have a name; the Job’s own is ${SYNC_CONTAINER}`),
    ...sync.flatMap((container) => [
      ...listConflicts(FIXED_CONTAINER, container, ['containers', SYNC_CONTAINER]),
      ...Object.entries(TAKEN)
        .filter(([field]) => field in container)
        .map(([field, why]) => `containers.${SYNC_CONTAINER}.${field} may not be set: ${why}`),
    ]),
  ];
}

function listConflicts(fixed: object, given: unknown, path: readonly string[]): readonly string[] {
  if (given === undefined) return [];
  if (!isJsonObject(given)) return [`${path.join('.')} must be an object`];
  return Object.entries(fixed).flatMap(([field, value]) => {
    const where = [...path, field];
    if (isJsonObject(value)) return listConflicts(value, given[field], where);
    return !(field in given) || JSON.stringify(given[field]) === JSON.stringify(value)
      ? []
      : [`${where.join('.')} must stay ${JSON.stringify(value)}`];
  });
}
