// A rotation over reference deployments on a clock that runs fast and can be set on: nodes with keys of their own, tokens of either key.
import { ensureWitnessKey, keysOfLedger } from '#core/audit/witness/witness-key.ts';
import { createHttpClient } from '#core/deployments/http.ts';
import { createDeploymentsService } from '#core/deployments/service.ts';
import type { DeploymentsService } from '#core/deployments/service.ts';
import { createEmitter } from '#core/emitter.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import { createLedgerService } from '#core/ledger/service.ts';
import type { LedgerService } from '#core/ledger/service.ts';
import type { Clock } from '#core/ports.ts';
import { createRotation } from '#core/posture/rotation/service.ts';
import type { RotationService } from '#core/posture/rotation/service.ts';
import { createSession } from '#core/session.ts';
import type { Session } from '#core/session.ts';
import type { RotationRecord } from '#shared/domain/rotation.ts';
import { configFor } from '../deployments/navi/config.ts';
import type { NaviConfig, StateName } from '../deployments/navi/config.ts';
import { signHs256 } from '../deployments/navi/jwt.ts';
import type { JwtClaims } from '../deployments/navi/jwt.ts';
import { startNaviDeployment } from '../deployments/navi/server.ts';
import type { NaviDeployment } from '../deployments/navi/server.ts';
import { keptLog, temporaryFolder, testPorts } from './ports.ts';
import type { KeptLog } from './ports.ts';
import { fastClock } from './prober-bench.ts';

export const OLD_KEY = 'the old signing key of the reference deployment';
export const NEW_KEY = 'the new signing key of the reference deployment';

export interface RotationBench {
  readonly rotation: RotationService;
  readonly deployments: DeploymentsService;
  readonly ledger: LedgerService;
  readonly session: Session;
  readonly log: KeptLog;
  readonly profileDir: string;
  allowed: boolean;
  nowSeconds(): number;
  /** Sets both clocks on. */
  pass(seconds: number): void;
  node(keys: readonly [string, ...string[]], states?: readonly StateName[], over?: Partial<NaviConfig>): Promise<NaviDeployment>;
  token(key: string, over?: JwtClaims): string;
  /** All parts of a record, put together. */
  record(deploymentId: string, rotationId: string): RotationRecord;
  known(): readonly Buffer[];
  close(): Promise<void>;
}

/** What a roll-out does to a node. */
export function rollOut(node: NaviDeployment, keys: readonly [string, ...string[]]): void {
  node.reconfigure({ auth: { mode: 'hs256', hasPreviousSecrets: keys.length > 1, audience: null, issuer: null, secrets: keys } });
}

/** An existing profile is left where it is; a new one goes at the end. */
export async function openRotationBench({ profileDir: existing, clock: base = fastClock() }: { readonly profileDir?: string; readonly clock?: Clock } = {}): Promise<RotationBench> {
  let passedMs = 0;
  const clock: Clock = { ...base, now: () => base.now() + passedMs };
  const folder = existing === undefined ? temporaryFolder('rotation') : null;
  const profileDir = existing ?? `${folder?.path ?? ''}/profile`;
  const log = keptLog();
  const emitter = createEmitter(log);
  const session = createSession({ ports: testPorts(profileDir, { log, clock }), emitter, access: 'write' });
  const http = createHttpClient({ clock, log, deadlineMs: 600_000 });
  const jobs = createJobs(emitter, clock);
  const ledger = createLedgerService({ session, emitter, clock, actor: 'tester' });
  const deployments = createDeploymentsService({ session, ledger, jobs, emitter, clock, http });
  const known = (): readonly Buffer[] => keysOfLedger(session.read()).map(({ publicKey }) => publicKey);
  const servers: NaviDeployment[] = [];
  const bench: RotationBench = {
    deployments, ledger, session, log, profileDir, allowed: true, known,
    rotation: createRotation({ session, deployments, ledger, jobs, emitter, clock, actor: 'tester', areProbesAllowed: () => bench.allowed, signing: { key: async () => (await ensureWitnessKey(session, ledger, undefined)).key, known } }),
    nowSeconds: () => Math.floor(clock.now() / 1000),
    pass: (seconds) => { passedMs += seconds * 1000; },
    async node(keys, states = [], over = {}) {
      const server = await startNaviDeployment({ config: configFor('C1', states, over), events: 1, now: () => new Date(clock.now()) });
      if (server.config().auth.mode === 'hs256') rollOut(server, keys);
      servers.push(server);
      return server;
    },
    token: (key, over = {}) => signHs256({ sub: 'auth0|a', org_id: 'acme', role: 'admin', iat: bench.nowSeconds(), exp: bench.nowSeconds() + 86_400, ...over }, key),
    record(deploymentId, rotationId) {
      const entries: RotationRecord['entries'] = [];
      for (;;) {
        const { hasMore, ...part } = bench.rotation.record({ deploymentId, rotationId, after: entries.length });
        entries.push(...part.entries);
        if (!hasMore) return { ...part, entries };
      }
    },
    async close() {
      await http.close();
      await session.close();
      for (const server of servers) await server.close();
      folder?.remove();
    },
  };
  // Last, as the program does it: what listens for the opening is there by then.
  await session.open({ store: 'keychain', passphrase: null });
  const problem = session.problem();
  if (problem !== null) throw problem;
  return bench;
}
