/** Digits kept behind the point; Cafe24's amounts have at most four. */
const SCALE = 6;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Adds decimal texts exactly. What is absent counts as nothing; what is no decimal makes the sum undefined. */
export class DecimalSum {
  #units: bigint | undefined = 0n;

  add(value: unknown): void {
    if (value === undefined || value === null || value === '') return;
    const match = DECIMAL.exec(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '');
    if (match === null || this.#units === undefined || (match[3]?.length ?? 0) > SCALE) {
      this.#units = undefined;
      return;
    }
    const units = BigInt(`${match[2]}${(match[3] ?? '').padEnd(SCALE, '0')}`);
    this.#units += match[1] === '-' ? -units : units;
  }

  subtract(other: DecimalSum): DecimalSum {
    const difference = new DecimalSum();
    difference.#units =
      this.#units === undefined || other.#units === undefined ? undefined : this.#units - other.#units;
    return difference;
  }

  /** With two decimals or as many as it needs; undefined when a part was no decimal. */
  toText(): string | undefined {
    if (this.#units === undefined) return undefined;
    const sign = this.#units < 0n ? '-' : '';
    const digits = (this.#units < 0n ? -this.#units : this.#units).toString().padStart(SCALE + 1, '0');
    const decimals = digits.slice(-SCALE).replace(/0{1,4}$/, '');
    return `${sign}${digits.slice(0, -SCALE)}.${decimals}`;
  }
}
