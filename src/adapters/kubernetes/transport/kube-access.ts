import { z } from 'zod';

const materialSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('file'), path: z.string() }),
]);

const accessSchema = z.object({
  server: z.url({ protocol: /^https?$/ }),
  namespace: z.string().nullable(),
  certificateAuthority: materialSchema.nullable(),
  clientCertificate: materialSchema.nullable(),
  clientKey: materialSchema.nullable(),
  bearerToken: materialSchema.nullable(),
  headers: z.record(z.string(), z.string()),
  serverName: z.string().nullable(),
  skipTlsVerify: z.boolean(),
  isRenewable: z.boolean(),
  expiresAtMs: z.number().nullable(),
});

/** Text that is given, or stands in a file that may be replaced at any time. */
export type Material = Readonly<z.infer<typeof materialSchema>>;

/** Where one API server is and who we are there, as a kubeconfig or the pod's service account says. */
export interface KubeAccess {
  /** May end in a path, which then stands before every path. */
  readonly server: string;
  /** Of the kubeconfig's context, or the pod's. */
  readonly namespace: string | null;
  readonly certificateAuthority: Material | null;
  readonly clientCertificate: Material | null;
  readonly clientKey: Material | null;
  readonly bearerToken: Material | null;
  /** Sent with every request as they are, e.g. basic authentication. */
  readonly headers: Readonly<Record<string, string>>;
  /** To verify the server's certificate against, instead of the host. */
  readonly serverName: string | null;
  readonly skipTlsVerify: boolean;
  /** The credentials come from a plugin or an identity provider: asking again gives new ones. */
  readonly isRenewable: boolean;
  readonly expiresAtMs: number | null;
}

export function parseKubeAccess(raw: unknown): KubeAccess {
  return accessSchema.parse(raw);
}
