/**
 * What the front end expects of the API: written by hand, strict, and the truth of the consumer.
 *
 * `check.ts` holds recorded answers against it, `drift.ts` the OpenAPI document. Neither side can move alone.
 */

import { z } from "zod";

const id = z.uuid();
const instant = z.iso.datetime();
const count = z.int().min(0);

export const UserTier = z.enum(["free", "pro"]);
export const TaskPriority = z.enum(["low", "medium", "high"]);
export const CompletedBy = z.enum(["manual", "auto", "force"]);
export const SubtaskSource = z.enum(["user", "ai"]);
export const CreditOperation = z.enum(["grant", "consume", "expire", "carryover"]);
export const CreditType = z.enum(["kickstart", "daily", "subscription", "purchased"]);
export const AchievementCategory = z.enum(["tasks", "streaks", "focus", "notes"]);
export const PerkType = z.enum(["max_tasks", "max_notes", "daily_credits"]);
export const TombstoneEntityType = z.enum(["task", "note"]);
export const GoalStatus = z.enum(["active", "reached", "dropped"]);

export const ErrorCode = z.enum([
  "VALIDATION_ERROR",
  "BAD_REQUEST",
  "IDEMPOTENCY_KEY_REQUIRED",
  "UNAUTHORIZED",
  "TOKEN_EXPIRED",
  "INVALID_ID_TOKEN",
  "INVALID_REFRESH_TOKEN",
  "INVALID_SIGNATURE",
  "INSUFFICIENT_CREDITS",
  "FORBIDDEN",
  "TIER_REQUIRED",
  "NOT_FOUND",
  "TASK_NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "CONFLICT",
  "LIMIT_EXCEEDED",
  "ARCHIVED",
  "SUBTASKS_OPEN",
  "IDEMPOTENCY_KEY_REUSED",
  "IDEMPOTENCY_IN_PROGRESS",
  "PAYLOAD_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "RATE_LIMIT_EXCEEDED",
  "INTERNAL_ERROR",
  "AI_SERVICE_ERROR",
  "AI_SERVICE_UNAVAILABLE",
  "SERVICE_UNAVAILABLE",
]);

/** The envelope of every failure. `details` is there only where single fields are at fault. */
export const ErrorResponse = z.strictObject({
  error: z.strictObject({
    code: ErrorCode,
    message: z.string().min(1),
    details: z.array(z.strictObject({ field: z.string().min(1), message: z.string().min(1) })).min(1).optional(),
    request_id: z.string().min(1),
  }),
});

export const data = <T extends z.ZodType>(inner: T) => z.strictObject({ data: inner });

export const Pagination = z.strictObject({ offset: count, limit: z.int().min(1), total: count, has_more: z.boolean() });

export const page = <T extends z.ZodType>(inner: T) => z.strictObject({ data: z.array(inner), pagination: Pagination });

export const User = z.strictObject({
  id,
  email: z.string(),
  name: z.string(),
  avatar_url: z.string().nullable(),
  timezone: z.string(),
  tier: UserTier,
  created_at: instant,
  updated_at: instant,
});

export const Tokens = z.strictObject({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in: z.int(),
});

export const Session = z.strictObject({ ...Tokens.shape, user: User });

export const Subtask = z.strictObject({
  id,
  task_id: id,
  title: z.string(),
  completed: z.boolean(),
  completed_at: instant.nullable(),
  order_index: count,
  source: SubtaskSource,
  created_at: instant,
  updated_at: instant,
});

export const Task = z.strictObject({
  id,
  user_id: id,
  title: z.string(),
  description: z.string(),
  priority: TaskPriority,
  due_date: instant.nullable(),
  estimated_duration: z.int().nullable(),
  focus_time_seconds: count,
  completed: z.boolean(),
  completed_at: instant.nullable(),
  completed_by: CompletedBy.nullable(),
  archived: z.boolean(),
  subtask_count: count,
  subtask_completed_count: count,
  version: z.int().min(1),
  created_at: instant,
  updated_at: instant,
});

export const TaskDetail = z.strictObject({ ...Task.shape, subtasks: z.array(Subtask) });

export const AchievementUnlock = z.strictObject({
  achievement_id: z.string(),
  achievement_name: z.string(),
  perk: z.strictObject({ type: PerkType, value: z.int() }).nullable(),
});

export const TaskCompletionResponse = z.strictObject({
  task: TaskDetail,
  unlocked_achievements: z.array(AchievementUnlock),
  streak: count,
});

export const Note = z.strictObject({
  id,
  user_id: id,
  content: z.string(),
  archived: z.boolean(),
  version: z.int().min(1),
  created_at: instant,
  updated_at: instant,
});

export const FocusSession = z.strictObject({
  id,
  user_id: id,
  task_id: id,
  started_at: instant,
  ended_at: instant.nullable(),
  duration_seconds: count.nullable(),
  created_at: instant,
  updated_at: instant,
});

export const AchievementDefinition = z.strictObject({
  id: z.string(),
  name: z.string(),
  message: z.string(),
  category: AchievementCategory,
  threshold: z.int(),
  perk_type: PerkType.nullable(),
  perk_value: z.int().nullable(),
});

export const Stats = z.strictObject({
  lifetime_tasks_completed: count,
  current_streak: count,
  longest_streak: count,
  focus_completions: count,
  notes_converted: count,
});

export const EffectiveLimits = z.strictObject({ max_tasks: count, max_notes: count, daily_ai_credits: count });

export const MyAchievements = z.strictObject({
  stats: Stats,
  unlocked: z.array(z.string()),
  progress: z.array(
    z.strictObject({ id: z.string(), name: z.string(), current: count, threshold: z.int(), unlocked: z.boolean() }),
  ),
  effective_limits: EffectiveLimits,
});

export const CreditBalance = z.strictObject({
  daily: count,
  subscription: count,
  purchased: count,
  kickstart: count,
  total: count,
});

export const CreditEntry = z.strictObject({
  id,
  operation: CreditOperation,
  credit_type: CreditType,
  amount: z.int(),
  balance_after: count,
  reference: z.string().nullable(),
  expires_at: instant.nullable(),
  created_at: instant,
});

export const SubtaskSuggestions = z.strictObject({
  suggested_subtasks: z.array(z.strictObject({ title: z.string() })),
  credits_used: count,
  credits_remaining: count,
});

export const ActionType = z.enum(["create_task", "complete_task", "start_focus", "add_subtasks"]);

export const ChatAnswer = z.strictObject({
  response: z.string(),
  suggested_actions: z.array(
    z.strictObject({
      type: ActionType,
      task_id: id.nullable(),
      description: z.string(),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
  credits_used: count,
  credits_remaining: count,
});

export const Goal = z.strictObject({
  id,
  user_id: id,
  title: z.string(),
  status: GoalStatus,
  due_at: instant.nullable(),
  version: z.int().min(1),
  created_at: instant,
  updated_at: instant,
});

export const TombstoneReceipt = z.strictObject({ tombstone_id: id, recoverable_until: instant });

export const Tombstone = z.strictObject({
  id,
  entity_type: TombstoneEntityType,
  entity_id: id,
  deleted_at: instant,
  recoverable_until: instant,
});

export const Recovered = z.strictObject({ entity_type: TombstoneEntityType, entity_id: id });

const Check = z.strictObject({ status: z.enum(["ok", "error"]) });

export const Readiness = z.strictObject({
  status: z.enum(["ok", "error"]),
  checks: z.strictObject({ database: Check, migrations: Check }),
});

/** The success of every operation: status and body; `null` is no body at all. */
export const answers: Record<string, [number, z.ZodType | null]> = {
  "GET /health/live": [200, z.strictObject({ status: z.literal("ok") })],
  "GET /health/ready": [200, Readiness],
  "GET /.well-known/jwks.json": [
    200,
    z.strictObject({
      keys: z.array(z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string(), use: z.string() })),
    }),
  ],
  "POST /api/v1/auth/google/callback": [200, data(Session)],
  "POST /api/v1/auth/dev/login": [200, data(Session)],
  "POST /api/v1/auth/refresh": [200, data(Tokens)],
  "POST /api/v1/auth/logout": [204, null],
  "GET /api/v1/users/me": [200, data(User)],
  "PATCH /api/v1/users/me": [200, data(User)],
  "GET /api/v1/tasks": [200, page(Task)],
  "POST /api/v1/tasks": [201, data(Task)],
  "GET /api/v1/tasks/{task_id}": [200, data(TaskDetail)],
  "PATCH /api/v1/tasks/{task_id}": [200, data(TaskDetail)],
  "DELETE /api/v1/tasks/{task_id}": [200, data(TombstoneReceipt)],
  "POST /api/v1/tasks/{task_id}/complete": [200, TaskCompletionResponse],
  "POST /api/v1/tasks/{task_id}/force-complete": [200, TaskCompletionResponse],
  "POST /api/v1/tasks/{task_id}/reopen": [200, data(TaskDetail)],
  "POST /api/v1/tasks/{task_id}/subtasks": [201, data(Subtask)],
  "PUT /api/v1/tasks/{task_id}/subtasks/reorder": [200, data(z.array(Subtask))],
  "PATCH /api/v1/subtasks/{subtask_id}": [200, data(Subtask)],
  "DELETE /api/v1/subtasks/{subtask_id}": [204, null],
  "GET /api/v1/notes": [200, page(Note)],
  "POST /api/v1/notes": [201, data(Note)],
  "GET /api/v1/notes/{note_id}": [200, data(Note)],
  "PATCH /api/v1/notes/{note_id}": [200, data(Note)],
  "DELETE /api/v1/notes/{note_id}": [200, data(TombstoneReceipt)],
  "POST /api/v1/notes/{note_id}/convert": [201, data(TaskDetail)],
  "POST /api/v1/focus/start": [201, data(FocusSession)],
  "POST /api/v1/focus/stop": [200, data(FocusSession)],
  "GET /api/v1/focus/active": [200, data(FocusSession.nullable())],
  "GET /api/v1/achievements": [200, data(z.array(AchievementDefinition))],
  "GET /api/v1/achievements/me": [200, data(MyAchievements)],
  "GET /api/v1/achievements/me/stats": [200, data(Stats)],
  "GET /api/v1/achievements/me/limits": [200, data(EffectiveLimits)],
  "GET /api/v1/credits/balance": [200, data(CreditBalance)],
  "GET /api/v1/credits/history": [200, page(CreditEntry)],
  "POST /api/v1/ai/generate-subtasks": [200, data(SubtaskSuggestions)],
  "POST /api/v1/ai/chat": [200, data(ChatAnswer)],
  "POST /api/v1/ai/chat/stream": [200, z.string().startsWith("event: ")],
  "GET /api/v1/tombstones": [200, page(Tombstone)],
  "POST /api/v1/tombstones/{tombstone_id}/recover": [200, data(Recovered)],
  "POST /api/v1/webhooks/payments": [204, null],
  "GET /api/v1/goals": [200, page(Goal)],
  "POST /api/v1/goals": [201, data(Goal)],
  "GET /api/v1/goals/{goal_id}": [200, data(Goal)],
  "PATCH /api/v1/goals/{goal_id}": [200, data(Goal)],
  "DELETE /api/v1/goals/{goal_id}": [204, null],
};
