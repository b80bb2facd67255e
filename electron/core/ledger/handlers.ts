// Contract to service, for the ledger.
import type { CallsOf, Handlers } from '../dispatch.ts';
import type { LedgerService } from './service.ts';

export function ledgerHandlers(ledger: LedgerService): Handlers<CallsOf<'ledger'>> {
  return {
    'ledger.list': ({ before, limit }) => ledger.list(before, limit),
    'ledger.verify': () => ledger.verify(),
  };
}
