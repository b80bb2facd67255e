// Runbooks put together: the library, runs, evidence, the keys of people, merging, the watched folder, reports and checklists, all over one store; and live checks for a host that has deployments.
import type { DeploymentsService } from '../deployments/service.ts';
import type { Emitter } from '../emitter.ts';
import type { LedgerService } from '../ledger/service.ts';
import type { Clock, Log } from '../ports.ts';
import type { Session } from '../session.ts';
import { createChecklists } from './checklists/service.ts';
import type { Checklists } from './checklists/service.ts';
import { createEvidence } from './evidence/service.ts';
import type { Evidence, EvidenceDeps } from './evidence/service.ts';
import { createEvidenceStore } from './evidence/store.ts';
import type { EvidenceStore } from './evidence/store.ts';
import { createIdentities } from './merge/identities.ts';
import type { Identities, Signing } from './merge/identities.ts';
import { createMerging } from './merge/service.ts';
import type { Merging } from './merge/service.ts';
import { createWatch } from './merge/watch.ts';
import type { Watch } from './merge/watch.ts';
import { createRunReports } from './reports/service.ts';
import type { RunReports } from './reports/service.ts';
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
  readonly signing: Signing; readonly profileDir: string;
  readonly securityReports: EvidenceDeps['reports'];
  /** Of this program. */
  readonly version: string;
  /** Whether the host stays: then the watched folder is looked at by itself. */
  readonly stays: boolean;
}

export interface Runbooks {
  readonly library: Library; readonly store: RunStore; readonly runs: Runs; readonly identities: Identities; readonly merging: Merging; readonly watch: Watch;
  readonly kept: EvidenceStore; readonly evidence: Evidence; readonly reports: RunReports; readonly checklists: Checklists;
}

export function createRunbooks({ session, ledger, emitter, clock, log, deployments, actor, signing, securityReports, profileDir, stays, version }: RunbooksDeps): Runbooks {
  const library = createLibrary({ session, ledger, clock });
  const identities = createIdentities({ session, ledger, emitter, clock, actor, signing });
  const store = createRunStore({ session, emitter, clock, signing, identities });
  const kept = createEvidenceStore({ session, clock, emitter, log, profileDir });
  const runs = createRuns({ session, store, library, ledger, clock, signing, deployments, evidence: kept });
  const merging = createMerging({ session, store, ledger, emitter, clock, signing, identities, evidence: kept, profileDir });
  const watch = createWatch({ session, store, merging, emitter, clock, log, signing, profileDir, polls: stays });
  const evidence = createEvidence({ session, store, evidence: kept, clock, profileDir, deployments, reports: securityReports });
  const reports = createRunReports({ session, store, runs, library, clock, profileDir, version });
  const checklists = createChecklists({ session, store, evidence: kept, profileDir });
  return { library, store, runs, identities, merging, watch, kept, evidence, reports, checklists };
}
