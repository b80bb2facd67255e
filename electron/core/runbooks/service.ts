// Runbooks put together: the library, runs, the keys of people, merging and the watched folder. What else works on runs gets the same store.
import type { DeploymentsService } from '../deployments/service.ts';
import type { Emitter } from '../emitter.ts';
import type { LedgerService } from '../ledger/service.ts';
import type { Clock, Log } from '../ports.ts';
import type { Session } from '../session.ts';
import { createIdentities } from './merge/identities.ts';
import type { Identities, Signing } from './merge/identities.ts';
import { createMerging } from './merge/service.ts';
import type { Merging } from './merge/service.ts';
import { createWatch } from './merge/watch.ts';
import type { Watch } from './merge/watch.ts';
import type { EvidencePort } from './runs/evidence-port.ts';
import { createLibrary } from './runs/library.ts';
import type { Library } from './runs/library.ts';
import { createRuns } from './runs/service.ts';
import type { Runs } from './runs/service.ts';
import { createRunStore } from './runs/store.ts';
import type { RunStore } from './runs/store.ts';

export interface RunbooksDeps {
  readonly session: Session; readonly ledger: LedgerService; readonly emitter: Emitter; readonly clock: Clock; readonly log: Log;
  readonly deployments: Pick<DeploymentsService, 'get' | 'list'>;
  /** The operating system user: the name of this profile until it is given another. */
  readonly actor: string;
  readonly signing: Signing; readonly evidence: EvidencePort; readonly profileDir: string;
  /** Whether the host stays: then the watched folder is looked at by itself. */
  readonly stays: boolean;
}

export interface Runbooks { readonly library: Library; readonly store: RunStore; readonly runs: Runs; readonly identities: Identities; readonly merging: Merging; readonly watch: Watch }

export function createRunbooks({ session, ledger, emitter, clock, log, deployments, actor, signing, evidence, profileDir, stays }: RunbooksDeps): Runbooks {
  const library = createLibrary({ session, ledger, clock });
  const identities = createIdentities({ session, ledger, clock, actor, signing });
  const store = createRunStore({ session, emitter, clock, signing, identities });
  const runs = createRuns({ session, store, library, ledger, clock, signing, deployments, evidence });
  const merging = createMerging({ session, store, ledger, emitter, clock, signing, identities, evidence, profileDir });
  const watch = createWatch({ session, store, merging, emitter, clock, log, signing, profileDir, polls: stays });
  return { library, store, runs, identities, merging, watch };
}
