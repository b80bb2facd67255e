// Runs planned probes one after the other and hands over facts, or the reason why there are none; it sends what the plan lists and nothing else.
import type { DeploymentKind } from '#shared/domain/deployment.ts';
import { FACTS } from '#shared/domain/posture-facts.ts';
import type { Json } from '#shared/domain/posture-expression.ts';
import type { PlannedProbe } from '#shared/domain/posture.ts';
import { AppError } from '#shared/errors.ts';
import type { ProbeAnswer, Prober } from '../../deployments/service.ts';
import { linesOf } from './plan.ts';
import type { PlannedRequest, Probe, ProbeId } from './probe.ts';
import { probeById } from './registry.ts';
import { forgedToken, unsignedToken } from './tokens.ts';

export interface ProbeFailure { readonly code: string; readonly message: string; readonly hint: string }

/** What one probe gave: the facts of its document, or a failure. */
export type ProbeLook =
  | { readonly source: string; readonly observedAtUs: number; readonly value: Json; readonly failure: null }
  | { readonly source: string; readonly observedAtUs: number; readonly value: null; readonly failure: ProbeFailure };

export interface ProbeRun {
  readonly prober: Prober;
  /** Those that will not run are passed over. */
  readonly plan: readonly PlannedProbe[];
  readonly signal: AbortSignal;
  /** Told before each request: requests of the plan that are done with, of all that may be sent. */
  readonly onProgress: (progress: { readonly title: string; readonly sent: number; readonly total: number }) => void;
  /** Keeps one look, at once. */
  readonly keep: (document: ProbeId, look: ProbeLook) => Promise<void>;
}

/** Where the first request ends so, the next one ends alike. */
const NEVER_REACHED: ReadonlySet<string> = new Set([
  'dns_failed', 'connection_refused', 'network_unreachable', 'network_timeout', 'tls_untrusted', 'tls_expired', 'tls_wrong_host', 'tls_pin_mismatch', 'tls_too_old',
  'tls_client_certificate', 'tls_failed', 'insecure_url',
]);

/**
 * @returns how many requests were sent
 * @throws AppError cancelled, or of the way when nothing answered at all; what came before was handed over
 */
export async function runProbes({ prober, plan, signal, onProgress, keep }: ProbeRun): Promise<{ readonly requests: number }> {
  const chosen = plan.filter(({ willRun }) => willRun).map((planned) => ({ planned, probe: definitionOf(planned, prober.deployment) }));
  const total = chosen.reduce((sum, { planned }) => sum + planned.requests.length, 0);
  let done = 0;
  let sent = 0;
  let answered = 0;
  let unreachable: AppError | null = null;

  async function ask(probe: Probe, requests: readonly PlannedRequest[]): Promise<readonly [ProbeAnswer, ...ProbeAnswer[]]> {
    const answers: ProbeAnswer[] = [];
    for (const [index, request] of requests.entries()) {
      onProgress({ title: probe.title, sent: done + index, total });
      sent += 1;
      const answer = await send(prober, request, signal);
      answered += 1;
      answers.push(answer);
      if (probe.isEnough?.(answer) === true) break;
      const waitMs = index + 1 < requests.length ? probe.waitMs?.(answers) ?? 0 : 0;
      if (waitMs > 0) await prober.pause(waitMs, signal);
    }
    const [first, ...others] = answers;
    if (first === undefined) throw new Error(`the probe ${probe.id} has no request`);
    return [first, ...others];
  }

  async function look(probe: Probe, planned: PlannedProbe): Promise<ProbeLook> {
    try {
      if (unreachable !== null) throw unreachable;
      const answers = await ask(probe, probe.requests[prober.deployment.kind] ?? []);
      const value = factsOf(probe, answers, prober);
      return { source: sourceOf(answers.map(({ requestLine }) => requestLine)), observedAtUs: Math.max(...answers.map(({ receivedAt }) => receivedAt)) * 1000, value, failure: null };
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'cancelled') throw error;
      if (answered === 0 && NEVER_REACHED.has(error.code)) unreachable ??= error;
      return { source: [...new Set(planned.requests)].join(', '), observedAtUs: prober.now() * 1000, value: null, failure: { code: error.code, message: error.message, hint: error.hint } };
    }
  }

  for (const { planned, probe } of chosen) {
    await keep(probe.id, await look(probe, planned));
    done += planned.requests.length;
    onProgress({ title: probe.title, sent: done, total });
  }
  if (unreachable !== null) throw unreachable;
  return { requests: sent };
}

/** A plan that was made for another address, or by another version, is not carried out. */
function definitionOf(planned: PlannedProbe, at: { readonly kind: DeploymentKind; readonly url: string }): Probe {
  const probe = probeById(planned.id);
  if (probe === undefined || JSON.stringify(linesOf(probe, at)) !== JSON.stringify(planned.requests)) throw new Error(`the plan of the probe ${planned.id} is not what would be sent`);
  return probe;
}

function send(prober: Prober, { method, token = 'none', ...request }: PlannedRequest, signal: AbortSignal): Promise<ProbeAnswer> {
  const made = token === 'forged' ? forgedToken(prober.now()) : token === 'unsigned' ? unsignedToken(prober.now()) : token;
  const ask = { GET: prober.get, HEAD: prober.head, OPTIONS: prober.options }[method];
  return ask({ ...request, token: made, signal });
}

function factsOf(probe: Probe, answers: readonly [ProbeAnswer, ...ProbeAnswer[]], { deployment }: Prober): Json {
  const parsed = FACTS[probe.id].safeParse(probe.facts(answers, deployment));
  if (parsed.success) return parsed.data as Json;
  throw new AppError('response_unexpected', { message: `What ${answers[0].requestLine} answered is not of a form that can be kept.`, hint: 'A header may be too long. Check that no proxy or portal stands between.', cause: parsed.error });
}

/** Each line once, with how often it was sent. */
function sourceOf(lines: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].map(([line, count]) => (count > 1 ? `${line} (${count} times)` : line)).join(', ');
}
