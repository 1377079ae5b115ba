import { BadInput } from '../bad-input.ts';

export type RefusalKind = 'missing' | 'unknown' | 'used' | 'expired' | 'foreign' | 'noCode';

/** What came back is not taken, as it is not the answer to a consent that this visitor began. */
export class ConsentRefusal extends BadInput {
  readonly kind: RefusalKind;
  readonly mallId: number | null;

  constructor(kind: RefusalKind, mallId: number | null) {
    super({ field: kind === 'noCode' ? 'code' : 'state', message: `the consent was not taken: ${kind}` });
    this.name = 'ConsentRefusal';
    this.kind = kind;
    this.mallId = mallId;
  }
}

const ERROR_WORD = /^\w{1,60}$/;

/** Cafe24's page gave no consent; `word` is its error, e.g. `access_denied`. */
export class ConsentDenied extends BadInput {
  readonly word: string;
  readonly mallId: number;

  constructor(error: string, mallId: number) {
    const word = ERROR_WORD.test(error) ? error : 'error';
    super({ field: word, message: `Cafe24 gave no consent: ${word}` });
    this.name = 'ConsentDenied';
    this.word = word;
    this.mallId = mallId;
  }
}
