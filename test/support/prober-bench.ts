// A registry of deployments over a temporary profile, on a clock that runs fast, for tests of what looks at deployments.
import { createHttpClient } from '#core/deployments/http.ts';
import { createDeploymentsService } from '#core/deployments/service.ts';
import type { DeploymentsService } from '#core/deployments/service.ts';
import { createEmitter } from '#core/emitter.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import { createLedgerService } from '#core/ledger/service.ts';
import type { Clock } from '#core/ports.ts';
import { planProbes } from '#core/posture/probes/plan.ts';
import type { ProbeId } from '#core/posture/probes/probe.ts';
import { runProbes } from '#core/posture/probes/run.ts';
import type { ProbeFailure } from '#core/posture/probes/run.ts';
import { createSession } from '#core/session.ts';
import type { Json } from '#shared/domain/posture-expression.ts';
import { PROBE_CONSENTS } from '#shared/domain/posture.ts';
import type { PlannedProbe, ProbeConsent } from '#shared/domain/posture.ts';
import { keptLog, temporaryFolder, testPorts } from './ports.ts';
import type { KeptLog } from './ports.ts';

/** How much faster than the world. Gaps between requests stay as they are in the clock's own time. */
const SPEED = 40;

export function fastClock(startMs = Date.UTC(2026, 10, 22, 12)): Clock {
  const monotonicMs = (): number => performance.now() * SPEED;
  const begin = monotonicMs();
  return {
    monotonicMs,
    now: () => Math.floor(startMs + monotonicMs() - begin),
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs / SPEED);
      return () => clearTimeout(timer);
    },
  };
}

export interface Scan {
  readonly plan: readonly PlannedProbe[];
  readonly facts: Partial<Record<ProbeId, Json>>;
  readonly failures: Partial<Record<ProbeId, ProbeFailure>>;
  readonly sources: Partial<Record<ProbeId, string>>;
  readonly progress: readonly { readonly sent: number; readonly total: number }[];
}

export interface ScanOptions {
  readonly consents?: readonly ProbeConsent[];
  /** Only these probes. */
  readonly only?: readonly ProbeId[];
  readonly signal?: AbortSignal;
  /** Told after each look is kept. */
  readonly onKept?: (id: ProbeId) => void;
  /** Filled as it goes, for a scan that is ended. */
  readonly into?: { facts: Partial<Record<ProbeId, Json>>; failures: Partial<Record<ProbeId, ProbeFailure>> };
}

export interface Bench {
  readonly deployments: DeploymentsService;
  readonly clock: Clock;
  readonly log: KeptLog;
  scan(id: string, options?: ScanOptions): Promise<Scan>;
  close(): Promise<void>;
}

export async function openBench(clock: Clock = fastClock()): Promise<Bench> {
  const folder = temporaryFolder('prober');
  const log = keptLog();
  const emitter = createEmitter(log);
  const session = createSession({ ports: testPorts(`${folder.path}/profile`, { log, clock }), emitter, access: 'write' });
  await session.open({ store: 'keychain', passphrase: null });
  const http = createHttpClient({ clock, log, deadlineMs: 600_000 });
  const jobs = createJobs(emitter, clock);
  const ledger = createLedgerService({ session, emitter, clock, actor: 'tester' });
  const deployments = createDeploymentsService({ session, ledger, jobs, emitter, clock, http });
  return {
    deployments, clock, log,
    async scan(id, { consents = PROBE_CONSENTS, only, signal = new AbortController().signal, onKept, into = { facts: {}, failures: {} } } = {}) {
      const { kind, url } = deployments.get(id);
      const plan = planProbes({ kind, url, allowed: new Set(consents) }).filter((probe) => only === undefined || only.some((wanted) => wanted === probe.id));
      const { facts, failures } = into;
      const sources: Partial<Record<ProbeId, string>> = {};
      const progress: { sent: number; total: number }[] = [];
      await deployments.withProber(id, (prober) => runProbes({
        prober, plan, signal, onProgress: ({ sent, total }) => progress.push({ sent, total }),
        keep: async (document, look) => {
          sources[document] = look.source;
          if (look.failure === null) facts[document] = look.value;
          else failures[document] = look.failure;
          onKept?.(document);
        },
      }));
      return { plan, facts, failures, sources, progress };
    },
    async close() {
      await http.close();
      await session.close();
      folder.remove();
    },
  };
}
