import { z } from 'zod';
import { TerminalError } from '../../domain/errors.ts';

const countSchema = z.object({ count: z.coerce.number().int().nonnegative() });

/** @throws TerminalError UpstreamContract */
export function parseRows(body: unknown, rowsKey: string, endpoint: string): readonly unknown[] {
  const parsed = z.record(z.string(), z.unknown()).safeParse(body);
  const rows = parsed.success ? parsed.data[rowsKey] : undefined;
  if (!Array.isArray(rows)) {
    throw new TerminalError('UpstreamContract', `the answer of ${endpoint} holds no list named ${rowsKey}`);
  }
  return rows;
}

/** @throws TerminalError UpstreamContract */
export function parseCount(body: unknown, endpoint: string): number {
  const parsed = countSchema.safeParse(body);
  if (!parsed.success) throw new TerminalError('UpstreamContract', `the answer of ${endpoint} holds no count`);
  return parsed.data.count;
}
