/** Use the generated client against a running server: `node smoke.ts http://127.0.0.1:8000`. Prints the goal it made. */

import { createClient } from "./generated/client/index.ts";
import * as api from "./generated/sdk.gen.ts";
import { zGoalRead } from "./generated/zod.gen.ts";

const client = createClient({ baseUrl: process.argv[2]! });
const options = { client, throwOnError: true } as const;

const session = await api.signInForDevelopment({ ...options, body: { email: "client@example.com" } });
const signedIn = { ...options, headers: { Authorization: `Bearer ${session.data.data.access_token}` } };

const made = await api.createGoal({ ...signedIn, body: { title: "Typed" } });
const goal = await api.getGoal({ ...signedIn, path: { goal_id: made.data.data.id } });
console.log(JSON.stringify(zGoalRead.parse(goal.data.data)));
