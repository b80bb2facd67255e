// Notes of a sync's rows some that are long past the cutoff and were given again: without it, rows that were synced in time would never speak against a purge that does not run.
import { DAY_US } from '#shared/domain/retention.ts';
import { deploymentNumber } from '../../audit/store.ts';
import type { WriteDb } from '../../db/sql.ts';
import type { DeploymentsService } from '../../deployments/service.ts';
import type { Clock } from '../../ports.ts';
import type { Session } from '../../session.ts';
import { recordPresence } from '../holds/presence-queries.ts';
import { knownRetention } from './known.ts';

/** So many rows of one sync are enough to show it. */
const ROWS_AT_MOST = 20;

export interface GivenAgain { readonly id: number; readonly createdAtUs: number; /** The route that gave it. */ readonly source: string }

/** For one sync: call it, inside its transaction, with every row that was held already and came again. Cheap for rows that are not due. */
export type WatchGivenAgain = (deploymentId: string, address: string) => (db: WriteDb, row: GivenAgain) => void;

export function createWatchGivenAgain({ session, deployments, clock }: { readonly session: Session; readonly deployments: DeploymentsService; readonly clock: Clock }): WatchGivenAgain {
  return (deploymentId, address) => {
    let limitUs: number | null | undefined;
    let noted = 0;
    return (db, { id, createdAtUs, source }) => {
      if (noted >= ROWS_AT_MOST) return;
      if (limitUs === undefined) {
        // The status was read before the rows: the first row of a sync finds it.
        const { cutoffUs } = knownRetention(session.read(), { deployment: { id: deploymentId, url: address }, token: deployments.tokenFingerprint(deploymentId), nowUs: clock.now() * 1000 });
        limitUs = cutoffUs === null ? null : cutoffUs - DAY_US;
      }
      if (limitUs === null || createdAtUs >= limitUs) return;
      noted += 1;
      recordPresence(db, [{ dep: deploymentNumber(db, deploymentId), address, eventId: id, isThere: true, source, atUs: clock.now() * 1000 }]);
    };
  };
}
