// Files that make a deployment purge by itself, and what is wrong with one that an admin has.
import { z } from '../zod.ts';

export const SCHEDULE_KINDS = ['cron', 'systemd', 'kubernetes'] as const;
export const scheduleKind = z.enum(SCHEDULE_KINDS);
export type ScheduleKind = z.infer<typeof scheduleKind>;

/** What the console cannot know. What is left out stays a marked placeholder. */
export const scheduleGiven = {
  workdir: z.string().trim().min(1).max(1024).optional(),
  python: z.string().trim().min(1).max(1024).optional(),
  image: z.string().trim().min(1).max(512).optional(),
  namespace: z.string().trim().min(1).max(63).optional(),
};

export const scheduleFiles = z.strictObject({
  kind: scheduleKind,
  files: z.array(z.strictObject({ name: z.string(), /** Where it belongs. */ place: z.string(), text: z.string(), /** The command that checks it. */ check: z.string() })),
  /** Commands to set it up, in this order. */
  steps: z.array(z.string()),
  /** Placeholders that are still in it. */
  placeholders: z.array(z.string()),
  /** What else is to be known, for example how the deployment was told to delete. */
  notes: z.array(z.string()),
});
export type ScheduleFiles = z.infer<typeof scheduleFiles>;

/** error: it does not delete, not what it should, or not at a time that is certain. warning: it may be so. */
export const lintProblem = z.strictObject({ line: z.int().nullable(), level: z.enum(['error', 'warning']), rule: z.string(), message: z.string(), fix: z.string() });
export type LintProblem = z.infer<typeof lintProblem>;
export const lintReport = z.strictObject({ /** What it was taken for. */ kind: z.enum(['cron', 'systemd-service', 'systemd-timer', 'kubernetes', 'shell', 'unknown']), problems: z.array(lintProblem), /** Checks that only the machine itself can make, as commands. */ ask: z.array(z.string()) });
export type LintReport = z.infer<typeof lintReport>;
