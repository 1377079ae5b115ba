import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JobSettings } from '../../adapters/kubernetes/job-settings.ts';
import { readSettings } from '../settings/read-settings.ts';
import { JOB_SETTINGS } from './job-settings.ts';
import { loadJobSettings } from './load-job-settings.ts';

const schema = z.object(JOB_SETTINGS);
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mallsync-job-settings-'));
});

afterAll(() => rm(directory, { recursive: true }));

async function load(environment: Readonly<Record<string, string>>): Promise<JobSettings> {
  const all = { MALLSYNC_JOB_IMAGE: 'registry.test/mallsync:1', ...environment };
  return await loadJobSettings(readSettings(schema, {}, all), all);
}

describe('the settings of Jobs', () => {
  it('need an image only', async () => {
    expect(await load({})).toEqual({
      image: 'registry.test/mallsync:1',
      databaseUrl: { name: 'mallsync', key: 'database-url' },
      databaseDirectUrl: null,
      encryptionKeys: { name: 'mallsync', key: 'encryption-keys' },
      environment: {},
      resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
      queueName: null,
      podTemplate: {},
      podLabels: {},
      podAnnotations: {},
    });
    expect(() => readSettings(schema, {}, {})).toThrow('--job-image is missing');
  });

  it('take objects as JSON or YAML', async () => {
    expect(
      await load({
        MALLSYNC_JOB_RESOURCES: '{"requests":{"cpu":1}}',
        MALLSYNC_JOB_POD_LABELS: 'team: crm',
        MALLSYNC_JOB_POD_ANNOTATIONS: '{"a.test/b": "c"}',
        MALLSYNC_JOB_POD_TEMPLATE: 'nodeSelector: {pool: batch}',
        MALLSYNC_JOB_DATABASE_SECRET: 'pg-app/uri',
        MALLSYNC_JOB_DATABASE_DIRECT_SECRET: 'pg-app/direct-uri',
        MALLSYNC_JOB_QUEUE: 'night',
      }),
    ).toMatchObject({
      resources: { requests: { cpu: 1 } },
      podLabels: { team: 'crm' },
      podAnnotations: { 'a.test/b': 'c' },
      podTemplate: { nodeSelector: { pool: 'batch' } },
      databaseUrl: { name: 'pg-app', key: 'uri' },
      databaseDirectUrl: { name: 'pg-app', key: 'direct-uri' },
      queueName: 'night',
    });
  });

  it('read the pod template from a file', async () => {
    const file = join(directory, 'template.yaml');
    await writeFile(file, 'imagePullSecrets:\n  - name: registry\n');
    const { podTemplate } = await load({ MALLSYNC_JOB_POD_TEMPLATE: file });
    expect(podTemplate).toEqual({ imagePullSecrets: [{ name: 'registry' }] });
  });

  it('hand on what both must agree on, and no secret', async () => {
    const { environment } = await load({
      MALLSYNC_CAFE24_URL: 'http://127.0.0.1:18080/{mall_id}',
      MALLSYNC_PII: 'masked',
      MALLSYNC_DATABASE_SCHEMA: 'beside',
      MALLSYNC_LOG_LEVEL: '',
      MALLSYNC_DATABASE_URL: 'postgres://user:secret@host/db',
      MALLSYNC_ENCRYPTION_KEYS: 'k1:secret',
      PATH: '/bin',
    });
    expect(environment).toEqual({
      MALLSYNC_CAFE24_URL: 'http://127.0.0.1:18080/{mall_id}',
      MALLSYNC_PII: 'masked',
      MALLSYNC_DATABASE_SCHEMA: 'beside',
    });
  });

  it.each([
    ['MALLSYNC_JOB_DATABASE_SECRET', 'mallsync', 'like mallsync/database-url'],
    ['MALLSYNC_JOB_KEYS_SECRET', 'Mallsync/key', 'like mallsync/encryption-keys'],
    ['MALLSYNC_JOB_QUEUE', 'a queue', 'the name of a LocalQueue'],
    ['MALLSYNC_JOB_RESOURCES', '{request: {cpu: 1}}', 'an object with requests and limits'],
    ['MALLSYNC_JOB_RESOURCES', '{', 'an object with requests and limits'],
    ['MALLSYNC_JOB_POD_LABELS', '{a: 1}', 'an object of texts'],
    ['MALLSYNC_JOB_POD_TEMPLATE', '/no/such/file', 'a file that can be read (ENOENT)'],
    ['MALLSYNC_JOB_POD_TEMPLATE', 'restartPolicy: Always', 'restartPolicy must stay "Never"'],
    ['MALLSYNC_CAFE24_URL', 'https://cafe24api.com', 'with {mall_id} in it'],
  ])('refuse %s of %s', async (name, value, complaint) => {
    await expect(load({ [name]: value })).rejects.toMatchObject({
      name: 'SettingsError',
      exitCode: 78,
      message: expect.stringMatching(new RegExp(`^${name}.*${complaint.replaceAll(/[(){}]/g, '\\$&')}`)),
    });
  });
});
