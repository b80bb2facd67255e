// Tells an answer that proves something from one that does not; an answer in between is a failure with a reason, never a fact.
import { AppError } from '#shared/errors.ts';
import type { ProbeAnswer } from '../../deployments/service.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The member of an object that is its own; undefined for anything else. */
export const member = (value: unknown, name: string): unknown => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);

const isServed = ({ status }: ProbeAnswer): boolean => status >= 200 && status <= 299;

function codeOf(status: number): 'rate_limited' | 'server_unavailable' | 'server_error' | 'response_unexpected' {
  if (status === 429) return 'rate_limited';
  if (status >= 502 && status <= 504) return 'server_unavailable';
  return status >= 500 ? 'server_error' : 'response_unexpected';
}

/** An answer from which nothing follows about what was asked. */
export function undecided(answer: ProbeAnswer, why: string): AppError {
  return new AppError(codeOf(answer.status), {
    message: `${answer.requestLine} answered ${answer.status}: ${why} Nothing follows from it.`,
    hint: 'Look again in a moment. If it stays so, check what stands at this address.', facts: { httpStatus: answer.status },
  });
}

/**
 * Whether the route serves, from an answer that means it: served, or refused by the deployment.
 * @throws AppError for what passes (408, 425, 429) and for failures of the server
 */
export function serves(answer: ProbeAnswer): boolean {
  if (isServed(answer)) return true;
  const { status } = answer;
  if (status < 400 || status >= 500 || status === 407 || status === 408 || status === 425 || status === 429) throw undecided(answer, 'it neither served nor refused.');
  return false;
}

/** The object of an answer that serves. @throws AppError when it serves something else, such as the page of a portal */
export function servedObject(answer: ProbeAnswer): JsonObject {
  const body = answer.json();
  if (!isObject(body)) throw undecided(answer, 'what it served is not what this route gives.');
  return body;
}

/** A whole number of seconds or requests as headers write it; null where it is none. */
export function wholeNumber(text: string | undefined): number | null {
  const digits = /^\s*(\d{1,15})\s*(?:[,;]|$)/.exec(text ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
