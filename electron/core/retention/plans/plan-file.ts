// A purge plan as it is digested and as it travels in a file: in which windows it may be carried out, and whether a file says what its digest says.
import { APPROVAL_FORMAT, CERTIFICATE_FORMAT, DELAY_HOURS, PLAN_FORMAT, PLAN_MINUTES, purgePlan } from '#shared/domain/retention-plan.ts';
import type { PurgePlan } from '#shared/domain/retention-plan.ts';
import { MAX_RETENTION_DAYS } from '#shared/domain/retention.ts';
import type { Environment } from '#shared/domain/deployment.ts';
import { formatInstantUs, parseInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isStrictJsonError, parseStrictJson } from '../../deployments/strict-json.ts';
import { readingError } from '../../files/file-errors.ts';
import { digestOf } from '../../seal.ts';
import { idsDigest } from './row-ids.ts';

export const WINDOW_US = PLAN_MINUTES * 60_000_000;
const DELAY_US = DELAY_HOURS * 3_600_000_000;
/** Largest file that is taken for one of these. */
const MAX_BYTES = 8 * 1_048_576;
const KINDS = { [PLAN_FORMAT]: 'purge plan', [APPROVAL_FORMAT]: 'approval', [CERTIFICATE_FORMAT]: 'certificate' } as const;

export type PlanWindow = PurgePlan['windows'][number];

/**
 * Waiting counts for something only by a clock that nobody here can set: a plan for production that was made without the deployment's own present has no delayed
 * window. Whoever asks the deployment gives days, and its cutoff moves on with its clock: within each window it lies between the frozen one and 15 minutes later. After
 * a day of waiting that takes one day more, which its route must still accept.
 */
export function windowsOf(environment: Environment, madeAtUs: number, { days, isClockRead }: { readonly days: number; readonly isClockRead: boolean }): PlanWindow[] {
  const window = (kind: PlanWindow['kind'], fromUs: number, asked: number): PlanWindow => ({ kind, from: formatInstantUs(fromUs), until: formatInstantUs(fromUs + WINDOW_US), days: asked });
  if (environment !== 'production') return [window('now', madeAtUs, days)];
  return [window('approved', madeAtUs, days), ...(days + 1 > MAX_RETENTION_DAYS || !isClockRead ? [] : [window('delayed', madeAtUs + DELAY_US, days + 1)])];
}

const us = (text: string): number => parseInstantUs(text) ?? Number.NaN;

export const windowAt = (plan: PurgePlan, atUs: number): PlanWindow | null => plan.windows.find(({ from, until }) => us(from) <= atUs && atUs <= us(until)) ?? null;

/** When the last of its windows closes. */
export const endOf = (plan: PurgePlan): number => Math.max(...plan.windows.map(({ until }) => us(until)));

/** The stretch of row times that the plan speaks of. */
export const stretchOf = (plan: PurgePlan): { readonly cutoffUs: number; readonly endUs: number } => ({ cutoffUs: us(plan.preview.cutoff), endUs: us(plan.preview.alsoDue.until) });

export function digested(plan: Omit<PurgePlan, 'digest'>): PurgePlan {
  return { ...plan, digest: digestOf(plan) };
}

function isWhole({ digest, ...plan }: PurgePlan): boolean {
  const { preview } = plan;
  const digestFits = digestOf(plan) === digest;
  const [cutoffUs, endUs] = [us(preview.cutoff), us(preview.alsoDue.until)];
  const fits = [true, false].some((isClockRead) => digestOf(windowsOf(plan.deployment.environment, us(plan.madeAt), { days: preview.days, isClockRead })) === digestOf(plan.windows));
  const sums = preview.isShortened || [preview.byType, preview.byOrg, preview.byActor, preview.byDay].every((list) => list.reduce((sum, { rows }) => sum + rows, 0) === preview.rows);
  return digestFits && Number.isFinite(cutoffUs) && endUs === cutoffUs + WINDOW_US && fits && sums && (preview.rows > 0 || preview.rowsDigest === idsDigest([]));
}

const damaged = (name: string, why: string): AppError => new AppError('plan_damaged', { message: `${name} is no plan as it was made: ${why} Nothing was signed or sent.`, hint: 'Have the plan written anew, and bring it over unchanged.' });

/** @throws AppError plan_damaged when it is no plan, or not the one that its digest stands for */
export function checkPlan(value: unknown, name: string): PurgePlan {
  const parsed = purgePlan.safeParse(value);
  if (!parsed.success) throw damaged(name, `${parsed.error.issues[0]?.path.join('.') ?? 'its form'} is not as it must be.`);
  if (!isWhole(parsed.data)) throw damaged(name, 'its content and its digest do not fit.');
  return parsed.data;
}

/** @throws AppError file_not_found, file_unreadable, too_large, unknown_format */
export async function readFormat(path: string, format: keyof typeof KINDS): Promise<{ readonly name: string; readonly value: unknown }> {
  const name = basename(path);
  const bytes = await readSmall(path, name);
  const unknown = (why: string): AppError => new AppError('unknown_format', { message: `${name} is no ${KINDS[format]} of Holdfast: ${why}`, hint: 'Choose the file that was written for this.' });
  let value: unknown;
  try {
    value = parseStrictJson(bytes);
  } catch (error) {
    if (!isStrictJsonError(error)) throw error;
    throw unknown('its content is not JSON as it was written.');
  }
  if (typeof value !== 'object' || value === null || (value as { format?: unknown }).format !== format) throw unknown('it has another form.');
  return { name, value };
}

async function readSmall(path: string, name: string): Promise<Buffer> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) throw new AppError('file_unreadable', { message: `${name} is no file.`, hint: 'Choose a file.' });
    if (facts.size > MAX_BYTES) throw new AppError('too_large', { message: `${name} is larger than ${MAX_BYTES / 1_048_576} MiB.`, hint: 'Choose the file that was written for this.' });
    return await readFile(path);
  } catch (error) {
    const translated = readingError(error);
    if (translated instanceof AppError && translated.code === 'file_not_found') throw new AppError('file_not_found', { message: `There is no file ${name}.`, hint: 'Check the path.', cause: error });
    throw translated;
  }
}
