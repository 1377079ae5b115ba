import type { z } from 'zod';

/** What a visitor sent cannot be used; answered with 400 and the field's name. */
export class BadInput extends Error {
  readonly field: string;

  constructor({ field, message }: { readonly field: string; readonly message: string }) {
    super(message);
    this.name = 'BadInput';
    this.field = field;
  }
}

/** There is no such thing, or it is not the visitor's to see; answered with 404. */
export class NotFound extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotFound';
  }
}

/** @throws BadInput naming the first field that does not fit */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  throw new BadInput({ field: field === '' ? 'form' : field, message: issue?.message ?? 'cannot be read' });
}
