import type { KeyValue } from './copy-encoder.ts';
import type { ColumnType } from './table.ts';

const OID = { integer: 23, bigint: 20, text: 25 } as const;
const HEADER_BYTES = 20;

/** How a key column travels as a parameter: an array type, and the cast that makes its elements the column's. */
export function toArrayType(type: ColumnType): 'integer' | 'text' {
  return type === 'integer' ? 'integer' : 'text';
}

/** The binary form of a `text[]` or `integer[]` parameter, which neither side has to quote or parse. */
export function buildKeyArray(type: ColumnType, values: readonly KeyValue[]): Buffer {
  return toArrayType(type) === 'integer' ? buildIntegerArray(values.map(Number)) : buildTextArray(values.map(String));
}

function buildIntegerArray(values: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * 8);
  let at = writeHeader(buffer, OID.integer, values.length);
  for (const value of values) {
    at = buffer.writeInt32BE(4, at);
    at = buffer.writeInt32BE(value, at);
  }
  return buffer.subarray(0, at);
}

/** The binary form of a `bigint[]` parameter of unsigned 64-bit hashes, taken as signed. */
export function buildHashArray(hashes: readonly bigint[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + hashes.length * 12);
  let at = writeHeader(buffer, OID.bigint, hashes.length);
  for (const hash of hashes) {
    at = buffer.writeInt32BE(8, at);
    at = buffer.writeBigUInt64BE(hash, at);
  }
  return buffer.subarray(0, at);
}

function buildTextArray(values: readonly string[]): Buffer {
  let length = HEADER_BYTES + values.length * 4;
  for (const value of values) length += value.length * 3;
  const buffer = Buffer.allocUnsafe(length);
  let at = writeHeader(buffer, OID.text, values.length);
  for (const value of values) {
    const written = buffer.write(value, at + 4);
    buffer.writeInt32BE(written, at);
    at += 4 + written;
  }
  return buffer.subarray(0, at);
}

function writeHeader(buffer: Buffer, oid: number, count: number): number {
  buffer.writeInt32BE(count === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(0, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(count, 12);
  buffer.writeInt32BE(1, 16);
  return count === 0 ? 12 : HEADER_BYTES;
}
