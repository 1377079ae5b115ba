import { z } from 'zod';
import {
  emptyOr,
  isOn,
  networkPeers,
  objectName,
  optionalName,
  secretKey,
  resources,
  size,
  textMap,
  wholeNumber,
} from './fields.ts';

const INGRESS = z
  .strictObject({
    enabled: isOn(false).describe('Whether there is one; needs admin.enabled and a host.'),
    className: optionalName.describe('The IngressClass.'),
    annotations: textMap.default({}).describe('Annotations.'),
    hosts: z
      .array(
        z.strictObject({
          host: z.string().min(1),
          path: z.string().startsWith('/').optional(),
          pathType: z.enum(['Prefix', 'Exact', 'ImplementationSpecific']).optional(),
        }),
      )
      .default([])
      .describe('Hosts, each as {host: …, path: /, pathType: Prefix}.'),
    tls: z
      .array(z.strictObject({ hosts: z.array(z.string().min(1)).optional(), secretName: objectName.optional() }))
      .default([])
      .describe('Certificates, each as {hosts: […], secretName: …}.'),
  })
  .describe('The Ingress to the page.');

export const PAGE_VALUES = {
  admin: z
    .strictObject({
      enabled: isOn(false).describe('Whether the page runs.'),
      replicas: wholeNumber(0, 5).default(1).describe('Pods.'),
      publicUrl: emptyOr(/^(https:\/\/[^\s/?#@]+|http:\/\/(localhost|127\.0\.0\.1)(:[0-9]+)?)\/?$/)
        .default('')
        .describe(
          'The page’s https address in a browser, without a path; http://localhost:8080 for a port-forward alone.',
        ),
      redirectUri: emptyOr(/^https?:\/\/\S+$/)
        .default('')
        .describe('Where Cafe24 sends back to after consent; empty: /consent/callback of publicUrl.'),
      existingSecret: optionalName.describe('The Secret that holds the users file. Required, except behind a proxy.'),
      usersKey: secretKey.default('users').describe('Its key with lines of `mallsync admin-user`.'),
      proxy: z
        .strictObject({
          addresses: z
            .array(z.string().regex(/^[0-9A-Fa-f.:]+(\/[0-9]{1,3})?$/))
            .default([])
            .describe('Addresses and ranges of the proxies, and of nothing else; empty: there is none.'),
          userHeader: z
            .string()
            .regex(/^[A-Za-z0-9-]{1,100}$/)
            .default('X-Forwarded-User')
            .describe('The header with the visitor’s name. The proxy must take out what visitors send in it.'),
          role: z
            .enum(['', 'viewer', 'operator', 'admin'])
            .default('')
            .describe('The role of those whom the users file does not name; empty: they are refused.'),
        })
        .describe('A proxy that signs visitors in, like oauth2-proxy.'),
      sessionHours: wholeNumber(1, 168).default(12).describe('How long a sign-in lasts at most.'),
      sessionIdleMinutes: wholeNumber(1, 10_080).default(60).describe('How long it lasts unused.'),
      freshnessTargetHours: wholeNumber(1, 8_760)
        .default(30)
        .describe('A mall is late when its last complete period ended longer ago; for the page, metrics and alerts.'),
      nightDeadline: z
        .string()
        .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/)
        .default('07:00')
        .describe('A night that is not complete by then, Asia/Seoul, is late; for the page, metrics and alerts.'),
      service: z
        .strictObject({
          type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']).default('ClusterIP').describe('Its type.'),
          port: wholeNumber(1, 65_535).default(80).describe('Its port.'),
          annotations: textMap.default({}).describe('Annotations.'),
        })
        .describe('The Service of the page.'),
      ingress: INGRESS,
      resources: resources({ cpu: '50m', memory: '192Mi', memoryLimit: '384Mi' }),
    })
    .describe('The operator’s page.'),
  toolbox: z
    .strictObject({
      enabled: isOn(false).describe('Whether it runs; in a trial it always does.'),
      resources: resources({ cpu: '10m', memory: '64Mi', memoryLimit: '512Mi' }),
    })
    .describe('An idle pod for commands: kubectl exec -it deploy/mallsync-toolbox -- mallsync malls list.'),
};

export const INSTALLATION_VALUES = {
  migrations: z
    .strictObject({
      mode: z
        .enum(['hook', 'init', 'none'])
        .default('hook')
        .describe('By a hook before install and upgrade, by an init container (a trial always), or by hand.'),
      waitSeconds: wholeNumber(0, 3_600).default(120).describe('How long a database is waited for.'),
    })
    .describe('Migrations of the database.'),
  crds: z
    .strictObject({
      enabled: isOn(true).describe('Whether this release holds the CRD; one release of a cluster does.'),
      keep: isOn(true).describe('Whether the CRD, and with it every MallSync, outlives helm uninstall.'),
    })
    .describe('The CustomResourceDefinition of MallSync.'),
  rbac: z
    .strictObject({
      create: isOn(true).describe('Whether Roles and bindings are made.'),
      aggregate: isOn(false).describe('Whether the cluster’s roles view, edit and admin learn of MallSyncs.'),
    })
    .describe('Rights.'),
  serviceAccounts: z
    .strictObject({ annotations: textMap.default({}).describe('Annotations of all of them.') })
    .describe('Service accounts, one for each part.'),
  networkPolicy: z
    .strictObject({
      enabled: isOn(true).describe('Whether what nobody needs to reach is closed.'),
      metricsFrom: networkPeers.describe('Who may read metrics, as NetworkPolicy peers; empty: everybody.'),
      pageFrom: networkPeers.describe('Who may reach the page: the proxy or the ingress; empty: everybody.'),
    })
    .describe('NetworkPolicies of incoming traffic.'),
};

export const TRIAL_VALUES = {
  trial: z
    .strictObject({
      enabled: isOn(false).describe('Whether PostgreSQL and a simulator of Cafe24 come with it. Not for production.'),
      malls: wholeNumber(1, 500).default(21).describe('Malls of the simulator; one of the first 13 is not active.'),
      jobLimit: wholeNumber(1, 10_000)
        .default(10)
        .describe('Jobs at once where controller.jobLimit is not lower; ten and the rest fit on two cores.'),
      databasePassword: emptyOr(/^[-._~A-Za-z0-9]{1,128}$/)
        .default('')
        .describe('Empty: made once, and found again.'),
      encryptionKeys: emptyOr(/^[-_A-Za-z0-9]+:[A-Za-z0-9+/]{43}=(,[-_A-Za-z0-9]+:[A-Za-z0-9+/]{43}=)*$/)
        .default('')
        .describe('Empty: made once, and found again.'),
      postgres: z
        .strictObject({
          image: z.string().min(1).default('postgres:18').describe('The official image or one like it.'),
          uid: wholeNumber(1, 65_535).default(999).describe('The user and group of PostgreSQL in it.'),
          maxConnections: wholeNumber(20, 10_000).default(200).describe('Three for each Job, and twenty.'),
          storage: z
            .strictObject({
              enabled: isOn(true).describe('A volume that outlives the pod; false: the data goes with the pod.'),
              size: size.default('2Gi').describe('Its size.'),
              className: optionalName.describe('Its StorageClass; empty: the default one.'),
            })
            .describe('Where the data is.'),
          resources: resources({ cpu: '100m', memory: '256Mi', memoryLimit: '1Gi' }),
        })
        .describe('The PostgreSQL of the trial.'),
      simulator: z
        .strictObject({ resources: resources({ cpu: '50m', memory: '192Mi', memoryLimit: '768Mi' }) })
        .describe('The simulator of Cafe24.'),
    })
    .describe('A trial with no outside system.'),
};
