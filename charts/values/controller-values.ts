import { z } from 'zod';
import {
  affinity,
  emptyOr,
  environment,
  isOn,
  partialPodSpec,
  PLACEMENT,
  resources,
  spreadConstraints,
  textMap,
  volumeMounts,
  volumes,
  wholeNumber,
} from './fields.ts';

/** The long-running parts besides the controller, and what all pods of the chart share. */
export const PODS_VALUES = {
  pods: z
    .strictObject({
      ...PLACEMENT,
      labels: textMap.default({}).describe('Labels.'),
      annotations: textMap.default({}).describe('Annotations.'),
      extraEnv: environment.describe('Variables of the program’s containers: proxies, certificates.'),
      extraVolumes: volumes.describe('Volumes.'),
      extraVolumeMounts: volumeMounts.describe('Where the program’s containers see them.'),
    })
    .describe('All pods of this chart. Those of the Jobs have jobs.podTemplate.'),
};

export const CONTROLLER_VALUES = {
  controller: z
    .strictObject({
      replicas: wholeNumber(0, 5).default(1).describe('One leads, others stand by; 2 survive the loss of a node.'),
      clusterId: emptyOr(/^[A-Za-z0-9][-A-Za-z0-9_.]{0,62}$/)
        .default('')
        .describe('Names the cluster in the ledger. Empty: the uid of kube-system, read by a ClusterRole of its own.'),
      jobLimit: wholeNumber(1, 10_000).default(30).describe('Jobs at once; each takes three database connections.'),
      jobsPerSecond: wholeNumber(0, 1_000).default(10).describe('Jobs created a second; 0: as fast as possible.'),
      workers: wholeNumber(1, 64).default(8).describe('MallSyncs looked at side by side.'),
      leader: z
        .strictObject({
          leaseSeconds: wholeNumber(2, 300).default(6).describe('How long a leader may be silent.'),
          renewSeconds: wholeNumber(1, 299).default(4).describe('How long it tries to renew; below leaseSeconds.'),
          retrySeconds: wholeNumber(1, 60).default(1).describe('How often it renews; below half of renewSeconds.'),
        })
        .describe('Leader election.'),
      drainSeconds: wholeNumber(1, 600)
        .default(20)
        .describe('How long running work may take after SIGTERM; the pod’s grace period is 15 s longer.'),
      mallMetrics: isOn(true).describe('Whether metrics have a series for each mall.'),
      podDisruptionBudget: z
        .strictObject({
          enabled: isOn(true).describe('Whether there is one, when replicas > 1.'),
          minAvailable: wholeNumber(0, 5).default(1).describe('Pods that a drain of nodes leaves.'),
        })
        .describe('The PodDisruptionBudget.'),
      resources: resources({ cpu: '100m', memory: '192Mi', memoryLimit: '384Mi' }),
      ...PLACEMENT,
      affinity: affinity.describe('Empty: replicas keep apart where the nodes allow it.'),
      topologySpreadConstraints: spreadConstraints.describe(
        'A labelSelector that is left out is the controller’s own.',
      ),
      extraEnv: environment.describe('Further variables.'),
      podLabels: textMap.default({}).describe('Further labels of its pods.'),
      podAnnotations: textMap.default({}).describe('Further annotations of its pods.'),
    })
    .describe('The controller. Its nodeSelector, tolerations and priorityClassName win over those of pods.'),
  jobs: z
    .strictObject({
      resources: resources({ cpu: '100m', memory: '256Mi', memoryLimit: '512Mi' }),
      queueName: emptyOr(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/)
        .default('')
        .describe('Kueue’s LocalQueue: the Jobs are created suspended and wait for Kueue.'),
      podTemplate: partialPodSpec.describe(
        'A part of a PodSpec laid over that of the Jobs: node selector, tolerations, volumes; the container is sync.',
      ),
      podLabels: textMap.default({}).describe('Further labels of their pods.'),
      podAnnotations: textMap.default({}).describe('Further annotations of their pods.'),
      succeededTtlSeconds: wholeNumber(0, 604_800).default(600).describe('How long the Job of a completed run stays.'),
      failedTtlSeconds: wholeNumber(0, 2_592_000).default(86_400).describe('The same for a run that did not complete.'),
      startDeadlineSeconds: wholeNumber(30, 86_400)
        .default(900)
        .describe('A Job whose pod cannot start for so long is given up.'),
    })
    .describe('The Jobs that the controller makes, one for each mall and MallSync.'),
};
