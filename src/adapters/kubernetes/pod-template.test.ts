import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../test/support/api-server-door.ts';
import { JOB_SETTINGS } from '../../../test/support/job-orders.ts';
import type { JobSettings } from './job-settings.ts';
import { buildPodSpec, listPodTemplateFaults } from './pod-template.ts';

function build(settings: Partial<JobSettings> = {}): KubeObject {
  return buildPodSpec(['sync'], { ...JOB_SETTINGS, ...settings });
}

describe('the pod of a Job', () => {
  it('takes credentials by reference and the rest as plain variables', () => {
    const { env } = build({ environment: { MALLSYNC_PII: 'mask' }, databaseDirectUrl: { name: 'pg', key: 'uri' } })
      .containers[0];
    expect(env).toEqual([
      { name: 'MALLSYNC_DATABASE_URL', valueFrom: { secretKeyRef: { name: 'mallsync', key: 'database-url' } } },
      { name: 'MALLSYNC_DATABASE_DIRECT_URL', valueFrom: { secretKeyRef: { name: 'pg', key: 'uri' } } },
      { name: 'MALLSYNC_ENCRYPTION_KEYS', valueFrom: { secretKeyRef: { name: 'mallsync', key: 'encryption-keys' } } },
      { name: 'MALLSYNC_PII', value: 'mask' },
    ]);
  });

  it('is what it was before when nothing is laid over it', () => {
    expect(build({ podTemplate: {} })).toEqual(build());
  });

  it('gets places, pull secrets and a priority', () => {
    const podTemplate = {
      nodeSelector: { pool: 'batch' },
      tolerations: [{ key: 'batch', operator: 'Exists' }],
      imagePullSecrets: [{ name: 'registry' }],
      priorityClassName: 'low',
      terminationGracePeriodSeconds: 120,
    };
    expect(build({ podTemplate })).toMatchObject(podTemplate);
  });

  it('gets fields of its container and further containers by name', () => {
    const podTemplate = {
      securityContext: { runAsUser: 1_000 },
      initContainers: [{ name: 'proxy', image: 'p', restartPolicy: 'Always' }],
      containers: [
        {
          name: 'sync',
          env: [{ name: 'MALLSYNC_DATABASE_URL', value: 'x' }],
          volumeMounts: [{ name: 'ca', mountPath: '/ca' }],
        },
      ],
      volumes: [{ name: 'ca', secret: { secretName: 'ca' } }],
    };
    const pod = build({ podTemplate });
    expect(pod.containers).toHaveLength(1);
    expect(pod.containers[0].env).toEqual([
      { name: 'MALLSYNC_DATABASE_URL', value: 'x' },
      build().containers[0].env[1],
    ]);
    expect(pod.containers[0].volumeMounts).toEqual([
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'ca', mountPath: '/ca' },
    ]);
    expect(pod.volumes).toHaveLength(2);
    expect(pod.initContainers).toEqual(podTemplate.initContainers);
    expect(pod.securityContext).toEqual({ ...build().securityContext, runAsUser: 1_000 });
  });

  it('loses what is null', () => {
    const podTemplate = {
      terminationGracePeriodSeconds: null,
      containers: [{ name: 'sync', resources: { limits: null } }],
    };
    const pod = build({ podTemplate, resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } } });
    expect(pod).not.toHaveProperty('terminationGracePeriodSeconds');
    expect(pod.containers[0].resources).toEqual({ requests: { cpu: '1' } });
  });

  it('keeps what is fixed even when the settings were not checked', () => {
    const podTemplate = {
      restartPolicy: 'OnFailure',
      automountServiceAccountToken: true,
      securityContext: null,
      containers: [
        {
          name: 'sync',
          image: 'evil',
          args: ['run'],
          securityContext: { capabilities: { drop: [] }, readOnlyRootFilesystem: null },
        },
      ],
    };
    expect(build({ podTemplate })).toEqual(build());
  });
});

describe('a pod template', () => {
  it('is told every field that it may not set', () => {
    const faults = listPodTemplateFaults({
      restartPolicy: 'OnFailure',
      automountServiceAccountToken: true,
      securityContext: { runAsNonRoot: false },
      containers: [
        { name: 'sync', image: 'x', args: [], securityContext: { capabilities: { drop: ['NET_RAW'] } } },
        { image: 'nameless' },
      ],
    });
    expect(faults).toEqual([
      'restartPolicy must stay "Never"',
      'automountServiceAccountToken must stay false',
      'securityContext.runAsNonRoot must stay true',
      'each of containers must have a name; the Job’s own is sync',
      'containers.sync.securityContext.capabilities.drop must stay ["ALL"]',
      'containers.sync.image may not be set: it is MALLSYNC_JOB_IMAGE',
      'containers.sync.args may not be set: they are the execution’s parameters',
    ]);
  });

  it.each([
    ['a list', [], 'must be an object, the part of a PodSpec to add'],
    ['null for a fixed object', { securityContext: null }, 'securityContext must be an object'],
    ['containers by name', { containers: { sync: {} } }, 'containers must be a list of objects'],
  ])('may not be or hold %s', (_what, template, fault) => {
    expect(listPodTemplateFaults(template)).toEqual([fault]);
  });

  it('may repeat what is fixed, and set all else', () => {
    const template = {
      restartPolicy: 'Never',
      hostAliases: [],
      securityContext: { fsGroup: 1, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'sync', command: ['mallsync'], securityContext: { runAsUser: 7 } }],
    };
    expect(listPodTemplateFaults(template)).toEqual([]);
  });
});
