// Whether a path answers 200 within its limit. The time is that of the one request, connection and all, by a clock that nobody sets.
import type { LiveCheck } from '#shared/domain/runbook-pack.ts';
import { AppError } from '#shared/errors.ts';
import { failed } from './asking.ts';
import type { Asked } from './asking.ts';
import { found, isPassing } from './found.ts';
import type { Found } from './found.ts';

type HealthCheck = Extract<LiveCheck, { asks: 'health' }>;

/** As it stands, or as JSON without white space: frameworks write the same answer in either way. @throws AppError for JSON that has two readings */
function holds(text: string, wanted: string, json: () => unknown): boolean {
  if (text.includes(wanted)) return true;
  const value = json();
  return value !== undefined && JSON.stringify(value).includes(wanted);
}

/** Whether an answer is a page for people. A portal between here and there answers every path with one, and any word may stand in it. */
const isPage = (text: string): boolean => /^\ufeff?\s*</.test(text) && /<(?:!doctype html|html|head|body|meta|script|title)\b/i.test(text.slice(0, 4096));
/** Paths that ask for one. */
const asksForPage = ({ path, holds: wanted }: HealthCheck): boolean => wanted !== undefined && /(?:\/|\.html?)$/.test(path);

/** @param nowMs when a failure came */
export function healthFound(check: HealthCheck, asked: Asked, nowMs: number): Found {
  const source = `GET ${check.path}`;
  const limit = `The limit is ${check.within_ms} ms.`;
  if (failed(asked)) {
    const { code, message } = asked.failure;
    // The console itself gave up: a limit that is longer than its patience is not disproved.
    const isUnsaid = code === 'response_too_large' || code === 'rate_limited' || (code === 'network_timeout' && check.within_ms > 15_000);
    return found(isUnsaid ? 'unknown' : 'fail', { seen: message, because: isUnsaid ? 'That tells nothing of its health.' : 'It did not answer 200.', source, at: nowMs });
  }
  const { status, durationMs, requestLine, receivedAt, text, json } = asked.answer;
  const took = `${Math.ceil(durationMs)} ms`;
  const seen = `It answered ${status} in ${took}.`;
  const say = (result: Found['result'], because: string): Found => found(result, { seen, because, source: requestLine, at: receivedAt });
  if (status !== 200) return say(status === 429 ? 'unknown' : 'fail', status === 429 ? 'It was asked too often, which tells nothing of its health.' : `Only 200 passes. ${limit}`);
  if (durationMs > check.within_ms) return say('fail', `It took longer than it may. ${limit}`);
  if (isPage(text) && !asksForPage(check)) return say('unknown', 'That is a page for people, which anything between here and there can answer with.');
  if (check.holds === undefined) return say('pass', limit);
  try {
    const isHeld = holds(text, check.holds, json);
    return say(isPassing(isHeld), `Its answer ${isHeld ? 'holds' : 'does not hold'} the text ${check.holds}. ${limit}`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return say('unknown', `Its answer has two readings: ${error.message}`);
  }
}
