import { parse } from 'yaml';
import { z } from 'zod';
import { CAFE24_SETTINGS, EXECUTION_SETTINGS } from '../settings/shared-settings.ts';
import { setting } from '../settings/setting.ts';

const DNS_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const DEFAULT_RESOURCES = '{requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 512Mi}}';

/** A key of a Secret, written `name/key`. */
const secretKey = z
  .string()
  .regex(/^[^/]+\/[-._A-Za-z0-9]{1,253}$/)
  .transform((text) => ({ name: text.slice(0, text.indexOf('/')), key: text.slice(text.indexOf('/') + 1) }))
  .refine(({ name }) => DNS_NAME.test(name));

/** JSON or YAML text; undefined where it is neither. */
export function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

const stringMap = z.string().transform(parseYaml).pipe(z.record(z.string(), z.string()));

/** What the controller has to know of the Jobs that it makes. */
export const JOB_SETTINGS = {
  ...CAFE24_SETTINGS,
  leaseSeconds: EXECUTION_SETTINGS.leaseSeconds,
  pii: EXECUTION_SETTINGS.pii,
  jobImage: setting(z.string().regex(/^[^\s]{1,512}$/), {
    flag: '--job-image <image>',
    env: 'MALLSYNC_JOB_IMAGE',
    description: 'The container image of the Jobs, best by digest; its entry point is this program',
    mustBe: 'the name of an image like registry.example/mallsync:1.0.0',
  }),
  jobDatabaseSecret: setting(secretKey.prefault('mallsync/database-url'), {
    env: 'MALLSYNC_JOB_DATABASE_SECRET',
    description: 'The Secret and its key that hold MALLSYNC_DATABASE_URL of the Jobs',
    defaultText: '`mallsync/database-url`',
    mustBe: 'the name of a Secret and one of its keys, like mallsync/database-url',
  }),
  jobDatabaseDirectSecret: setting(
    secretKey.optional().transform((secret) => secret ?? null),
    {
      env: 'MALLSYNC_JOB_DATABASE_DIRECT_SECRET',
      description: 'The Secret and its key that hold MALLSYNC_DATABASE_DIRECT_URL of the Jobs, behind a pgbouncer',
      defaultText: 'none',
      mustBe: 'the name of a Secret and one of its keys, like mallsync/database-direct-url',
    },
  ),
  jobKeysSecret: setting(secretKey.prefault('mallsync/encryption-keys'), {
    env: 'MALLSYNC_JOB_KEYS_SECRET',
    description: 'The Secret and its key that hold MALLSYNC_ENCRYPTION_KEYS of the Jobs',
    defaultText: '`mallsync/encryption-keys`',
    mustBe: 'the name of a Secret and one of its keys, like mallsync/encryption-keys',
  }),
  jobQueue: setting(
    z
      .string()
      .regex(LABEL_VALUE)
      .optional()
      .transform((queue) => queue ?? null),
    {
      flag: '--job-queue <name>',
      env: 'MALLSYNC_JOB_QUEUE',
      description: 'Kueue’s LocalQueue for the Jobs, which are then created suspended and wait for Kueue',
      defaultText: 'none',
      mustBe: 'the name of a LocalQueue',
    },
  ),
  jobResources: setting(
    z
      .string()
      .prefault(DEFAULT_RESOURCES)
      .transform(parseYaml)
      .pipe(
        z.strictObject({
          requests: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
          limits: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
        }),
      ),
    {
      env: 'MALLSYNC_JOB_RESOURCES',
      description: 'Requests and limits of the Jobs’ container, as JSON or YAML',
      defaultText: `\`${DEFAULT_RESOURCES}\``,
      mustBe: `an object with requests and limits, like ${DEFAULT_RESOURCES}`,
    },
  ),
  jobPodLabels: setting(stringMap.prefault('{}'), {
    env: 'MALLSYNC_JOB_POD_LABELS',
    description: 'Labels of the Jobs’ pods besides their own, as JSON or YAML',
    defaultText: 'none',
    mustBe: 'an object of texts like {team: crm}',
  }),
  jobPodAnnotations: setting(stringMap.prefault('{}'), {
    env: 'MALLSYNC_JOB_POD_ANNOTATIONS',
    description: 'Annotations of the Jobs’ pods, as JSON or YAML',
    defaultText: 'none',
    mustBe: 'an object of texts like {example.com/a: b}',
  }),
  jobPodTemplate: setting(z.string().min(1).prefault('{}'), {
    flag: '--job-pod-template <file>',
    env: 'MALLSYNC_JOB_POD_TEMPLATE',
    description:
      'A part of a PodSpec laid over that of the Jobs, as JSON or YAML or the path of such a file: node selector, ' +
      'tolerations, pull secrets, volumes; containers by name, the Jobs’ own is sync; null takes a field away',
    defaultText: 'none',
    mustBe: 'JSON or YAML, or the path of a file',
  }),
};

const jobSettings = z.object(JOB_SETTINGS);
export type JobSettingValues = z.output<typeof jobSettings>;
