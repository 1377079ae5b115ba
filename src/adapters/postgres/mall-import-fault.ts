import { TerminalError } from '../../domain/errors.ts';

const MOST_FAULTS_SHOWN = 20;

/** What is wrong with one field of one entry, told without the value, which may be a secret. */
export interface ImportFault {
  /** Counted from 1; null where the list itself is at fault. */
  readonly entry: number | null;
  /** The path in the entry, like `domainTypes.0`; empty where the whole entry is at fault. */
  readonly field: string;
  /** `value`: breaks the field's rule; `repeated`: an earlier entry has it; `taken`: a stored mall has it. */
  readonly kind: 'value' | 'repeated' | 'taken';
  readonly message: string;
}

/** A list of malls that cannot be taken, with every fault it has. */
export class MallImportError extends TerminalError {
  readonly faults: readonly ImportFault[];

  constructor(faults: readonly ImportFault[]) {
    super('ConfigInvalid', `the malls to import have faults:\n  ${toLines(faults).join('\n  ')}`);
    this.faults = faults;
  }
}

function toLines(faults: readonly ImportFault[]): readonly string[] {
  const shown = faults.slice(0, MOST_FAULTS_SHOWN).map(describeFault);
  const rest = faults.length - shown.length;
  return rest > 0 ? [...shown, `and ${rest} more`] : shown;
}

function describeFault({ entry, field, message }: ImportFault): string {
  if (entry === null) return `the file must be a list of malls: ${message}`;
  return [`entry ${entry}`, field, message].filter((part) => part !== '').join(': ');
}
