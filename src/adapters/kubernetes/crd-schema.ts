import { z } from 'zod';

type JsonObject = Readonly<Record<string, unknown>>;

/** As a person reads it: what it is, its type and bounds, what is inside of it. */
const FIELD_ORDER = ['description', 'type', 'format', 'enum', 'default', 'required', 'properties', 'items'];

/** A zod schema as a structural schema: what a client may leave out is optional, unknown fields are not spoken of. */
export function toStructuralSchema(schema: z.ZodType): JsonObject {
  return toStructural(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', unrepresentable: 'throw' }));
}

function toStructural(node: JsonObject): JsonObject {
  const fields = Object.entries(node)
    .filter(([field, value]) => !(field === 'additionalProperties' && value === false))
    .map(([field, value]) => [field, toStructuralField(field, value)] as const);
  return Object.fromEntries(fields.sort(([a], [b]) => rank(a) - rank(b)));
}

function toStructuralField(field: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  if (field === 'items' || field === 'additionalProperties') return toStructural(value);
  if (field !== 'properties') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, isObject(each) ? toStructural(each) : each]),
  );
}

function rank(field: string): number {
  const at = FIELD_ORDER.indexOf(field);
  return at < 0 ? FIELD_ORDER.indexOf('required') - 0.5 : at;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
