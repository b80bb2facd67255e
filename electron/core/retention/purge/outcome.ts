// What became of a request to delete, from its answer or from what came instead of one. Whatever does not show that nothing was deleted is unknown.
import { formatInstantUs } from '#shared/domain/time.ts';
import { AppError } from '#shared/errors.ts';
import type { NaviPurged } from '../../deployments/service.ts';
import type { Step } from './run-queries.ts';

/** Failures before a connection could carry anything: a certificate or an address is refused before the request is handed over. */
const NEVER_LEFT: ReadonlySet<string> = new Set(['read_only', 'cross_origin_refused', 'insecure_url', 'invalid_url', 'invalid_ca', 'invalid_pin', 'invalid_token', 'secret_missing', 'dns_failed', 'connection_refused', 'tls_untrusted', 'tls_expired', 'tls_wrong_host', 'tls_pin_mismatch', 'tls_too_old']);
/** Answers with which a server says that it did nothing. A 5xx may come after the deed, and a redirect from somebody in between. */
const SAID_NO: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 409, 413, 414, 422, 428, 429]);

export type Outcome = Pick<Step, 'state' | 'deleted' | 'serverCutoffUs' | 'message'>;

export interface Promised { readonly rows: number; readonly alsoDue: number; readonly cutoffUs: number; readonly endUs: number; readonly hasGaps: boolean }

/** Why an answer is not what the plan allows; null when it is. */
export function whyNotPromised({ deleted, cutoffUs }: { readonly deleted: number; readonly cutoffUs: number | null }, { rows, alsoDue, cutoffUs: frozenUs, endUs, hasGaps }: Promised): string | null {
  const range = alsoDue === 0 ? `${rows}` : `${rows} to ${rows + alsoDue}`;
  if (cutoffUs !== null && cutoffUs > endUs) return `IT DELETED BEYOND THE PLAN: up to ${formatInstantUs(cutoffUs)}, and the plan ends at ${formatInstantUs(endUs)}. It said ${deleted} rows, the plan named ${range}.`;
  if (deleted > rows + alsoDue) return `IT DELETED MORE THAN THE PLAN NAMED: ${deleted} rows instead of ${range}.${hasGaps ? ' Stretches before the cutoff were never read completely; the others may have been in them.' : ''}`;
  if (deleted < rows) return `IT DELETED FEWER ROWS THAN THE PLAN NAMED: ${deleted} instead of ${range}. Somebody else may have purged before, or rows are left.`;
  if (cutoffUs !== null && cutoffUs < frozenUs) return `ITS CUTOFF IS EARLIER THAN PLANNED: ${formatInstantUs(cutoffUs)} instead of ${formatInstantUs(frozenUs)}.`;
  return null;
}

export function ofAnswer({ deleted, cutoffUs }: NaviPurged, promised: Promised): Outcome {
  const why = whyNotPromised({ deleted, cutoffUs }, promised);
  return { state: 'answered', deleted, serverCutoffUs: cutoffUs, message: `The deployment says that it deleted ${deleted} ${deleted === 1 ? 'row' : 'rows'} older than ${formatInstantUs(cutoffUs)}.${why === null ? '' : ` ${why}`}` };
}

export function ofFailure(error: unknown): Outcome {
  const none = { deleted: null, serverCutoffUs: null };
  if (!(error instanceof AppError)) return { ...none, state: 'unknown', message: 'The answer was lost by a fault of this program. Whether rows were deleted is not known.' };
  const status = error.facts['httpStatus'];
  if (NEVER_LEFT.has(error.code) || error.facts['notAsked'] === true) return { ...none, state: 'refused', message: `The request never left, so nothing was deleted. ${error.message}` };
  if (typeof status === 'number' && SAID_NO.has(status)) return { ...none, state: 'refused', message: `The deployment refused, and deleted nothing. ${error.message}` };
  return { ...none, state: 'unknown', message: `No answer that counts came, so whether rows were deleted is not known. ${error.message}` };
}
