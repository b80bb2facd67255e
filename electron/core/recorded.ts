// The order of every act that the ledger must show: the entry is on disk first, then the act, and a second entry when the act failed.
import { AppError } from '#shared/errors.ts';
import type { LedgerNote, LedgerService } from './ledger/service.ts';

/** Gives what `act` gives. Without the first entry nothing is done; a failure of the act is thrown on. */
export async function recorded<T>(ledger: LedgerService, note: LedgerNote, act: () => Promise<T> | T): Promise<T> {
  await ledger.append(note);
  try {
    return await act();
  } catch (error) {
    // The failure of the act is what the caller must hear of, also when the ledger fails next; the ledger's own verification tells that.
    await ledger.append({ ...note, outcome: `failed: ${error instanceof AppError ? error.code : 'internal'}` }).catch(() => undefined);
    throw error;
  }
}
