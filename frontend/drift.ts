/**
 * Hold the OpenAPI document against the schemas: `node drift.ts < openapi.json`.
 *
 * Both sides are brought to one plain form (kinds, fields, what may be absent) and compared field by field. Limits of
 * numbers and lengths are left out: the front end does not repeat them for answers. Prints one line of JSON: the faults.
 */

import { text } from "node:stream/consumers";

import { z } from "zod";

import { answers, ErrorResponse } from "./schemas.ts";

type Json = Record<string, any>;

const document = JSON.parse(await text(process.stdin)) as Json;

/** `{ "$ref": ... }` replaced by what it points at. */
function resolve(schema: Json): Json {
  return schema.$ref ? document.components.schemas[schema.$ref.split("/").pop()] : schema;
}

/** One line per leaf: `data.title: string`, `data.due_date?: null | string (date-time)`. */
function leaves(raw: Json, path: string): string[] {
  const schema = resolve(raw);
  if (schema.properties) {
    const required = new Set<string>(schema.required ?? []);
    return Object.entries<Json>(schema.properties).flatMap(([name, field]) =>
      leaves(field, `${path}.${name}${required.has(name) ? "" : "?"}`),
    );
  }
  if (schema.items) return leaves(schema.items, `${path}[]`);
  if (schema.anyOf) {
    const options: Json[] = schema.anyOf.map(resolve);
    const objects = options.filter((option) => option.properties || option.items);
    const plain = options.filter((option) => !option.properties && !option.items).map(kind);
    const nested = objects.flatMap((option) => leaves(option, path));
    return [...nested, `${path}: ${[...(objects.length ? ["object"] : []), ...plain].sort().join(" | ")}`];
  }
  return [`${path}: ${kind(schema)}`];
}

function kind(schema: Json): string {
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (values) return values.map((value: unknown) => JSON.stringify(value)).sort().join(" | ");
  const types: string[] = [schema.type ?? "anything"].flat();
  return types.map((type) => (schema.format && type === "string" ? `string (${schema.format})` : type)).sort().join(" | ");
}

function compare(operation: string, status: string, ours: z.ZodType): string[] {
  const content = document.paths[operation.split(" ")[1]!]?.[operation.split(" ")[0]!.toLowerCase()]?.responses[status];
  if (content?.content?.["text/event-stream"]) return [];
  const theirs = content?.content?.["application/json"]?.schema;
  if (!theirs) return [`${operation}: the document has no answer ${status}`];
  const served = new Set(leaves(theirs, "body"));
  const wanted = new Set(leaves(z.toJSONSchema(ours) as Json, "body"));
  return [
    ...[...served].filter((leaf) => !wanted.has(leaf)).map((leaf) => `${operation} ${status}: only the API has ${leaf}`),
    ...[...wanted].filter((leaf) => !served.has(leaf)).map((leaf) => `${operation} ${status}: only the front end has ${leaf}`),
  ];
}

const faults: string[] = [];
for (const [path, item] of Object.entries<Json>(document.paths)) {
  for (const [method, operation] of Object.entries<Json>(item)) {
    const name = `${method.toUpperCase()} ${path}`;
    if (!answers[name]) faults.push(`${name}: the front end does not know this operation`);
  }
}
for (const [operation, [status, schema]] of Object.entries(answers)) {
  if (schema) faults.push(...compare(operation, String(status), schema));
}
faults.push(...compare("GET /api/v1/goals", "422", ErrorResponse));
console.log(JSON.stringify(faults));
