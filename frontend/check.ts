/**
 * Hold recorded answers against the schemas: `node check.ts < answers.ndjson`.
 *
 * A line is `{"operation", "status", "body", "source"}`. Prints one line of JSON: the faults, and for every field of
 * every answer how often it was null and which values an enum field had.
 */

import { createInterface } from "node:readline";

import { answers, ErrorResponse, Readiness } from "./schemas.ts";
import type { z } from "zod";

type Recorded = { operation: string; status: number; body: unknown; source: string };

function expected({ operation, status }: Recorded): z.ZodType | null | undefined {
  const [success, schema] = answers[operation] ?? [];
  if (status === success) return schema;
  if (operation === "GET /health/ready" && status === 503) return Readiness;
  return status >= 400 ? ErrorResponse : undefined;
}

function fault(answer: Recorded): string | undefined {
  const schema = expected(answer);
  const place = `${answer.operation} ${answer.status} (${answer.source})`;
  if (schema === undefined) return `${place}: the front end does not know this answer`;
  if (schema === null) return answer.body === null ? undefined : `${place}: expected no body`;
  const result = schema.safeParse(answer.body);
  if (result.success) return undefined;
  return result.error.issues.map((issue) => `${place}: ${issue.path.join(".") || "body"}: ${issue.message}`).join("\n");
}

const faults: string[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  const found = fault(JSON.parse(line) as Recorded);
  if (found) faults.push(found);
}
console.log(JSON.stringify(faults));
