export interface GaugeSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
