/** What all Jobs of a controller have in common. */
export interface JobSettings {
  readonly image: string;
  /** Secrets that hold the connection of `sync`, in the Jobs' namespace. */
  readonly databaseUrl: SecretKey;
  /** Null: the address above reaches the database itself. */
  readonly databaseDirectUrl: SecretKey | null;
  readonly encryptionKeys: SecretKey;
  /** Plain variables of `sync`. */
  readonly environment: Readonly<Record<string, string>>;
  /** A Kubernetes ResourceRequirements object. */
  readonly resources: Readonly<Record<string, unknown>>;
  /** Kueue's queue; null where Kueue has no say. */
  readonly queueName: string | null;
  /** A partial PodSpec laid over the Jobs' own. */
  readonly podTemplate: Readonly<Record<string, unknown>>;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly podAnnotations: Readonly<Record<string, string>>;
}

export interface SecretKey {
  readonly name: string;
  readonly key: string;
}
