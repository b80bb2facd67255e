// Dialect A: fetches each wrapper by itself, undecrypted, which changes nothing on the server; a server that only fails is not asked for ever.
import type { AuditGap } from '#shared/domain/audit-event.ts';
import { AppError } from '#shared/errors.ts';
import type { NaviPayload } from '../../deployments/service.ts';

/** After this many rows whose payload the server cannot give, in a row, it is asked no more in this sync. */
const PAYLOAD_FAILURES_IN_A_ROW = 25;
/** A transaction for each would take longer than its request. */
const STORED_AT_ONCE = 50;
const FAILURES: ReadonlySet<string> = new Set(['server_error', 'event_not_found', 'response_unexpected']);

export interface PayloadReading {
  readonly ids: readonly number[];
  ask(id: number): Promise<NaviPayload>;
  keep(payloads: ReadonlyMap<number, NaviPayload>): Promise<void>;
  report(done: number): void;
}

/** @returns the gaps that are left */
export async function readPayloads({ ids, ask, keep, report }: PayloadReading): Promise<AuditGap[]> {
  let failedInARow = 0;
  let failed = 0;
  let got = new Map<number, NaviPayload>();
  const store = async (): Promise<void> => {
    const payloads = got;
    got = new Map();
    if (payloads.size > 0) await keep(payloads);
  };
  for (const [index, id] of ids.entries()) {
    try {
      got.set(id, await ask(id));
      failedInARow = 0;
    } catch (error) {
      if (!(error instanceof AppError) || !FAILURES.has(error.code)) {
        // What came before is kept, also when this is the end.
        await store();
        throw error;
      }
      failed += 1;
      failedInARow += 1;
      if (failedInARow >= PAYLOAD_FAILURES_IN_A_ROW) break;
    }
    if (got.size >= STORED_AT_ONCE) await store();
    report(index + 1);
  }
  await store();
  if (failed === 0) return [];
  return [{ from: null, to: null, reason: `The server gave no payload for ${failed} of ${ids.length} rows (it answers with an error). ${failedInARow >= PAYLOAD_FAILURES_IN_A_ROW ? 'It was then asked no more; the next sync goes on.' : ''}`.trim() }];
}
