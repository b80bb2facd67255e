// Asks an address whether an AI-Karen answers there: two anonymous requests at most; what else it offers is for probes to see.
import type { DeploymentTest } from '#shared/contract/deployment.ts';
import { formatInstantMs } from '#shared/domain/time.ts';
import type { Clock } from '../../../ports.ts';
import type { ProbeAnswer, Prober } from '../../prober.ts';

/** R53: a difference beyond this is shown. */
const SKEW_LIMIT_SECONDS = 30;
/** What the guard of the newer build says to whoever brings no token (karen contract, section 1.2). */
const GUARD = 'No authentication token provided';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws AppError of the way when nothing answered; cancelled */
export async function testKaren({ prober, clock, signal }: { readonly prober: Prober; readonly clock: Clock; readonly signal: AbortSignal }): Promise<DeploymentTest> {
  const startedAt = clock.monotonicMs();
  const ping = await prober.get({ path: '/api/ping', token: 'none', signal });
  // The newer build guards /api/ping like everything that is not on its list; /health is on it.
  const health = isOk(ping) ? null : await prober.get({ path: '/health', token: 'none', signal });
  const seen = [ping, health].flatMap((answer) => (answer === null ? [] : [`${answer.requestLine} answered ${describe(answer)}`])).join('; ');
  const isKaren = isOk(ping) || (health !== null && isOk(health));
  const skew = ping.serverDate === null ? null : Math.round((ping.serverDate + 500 - ping.receivedAt) / 1000);
  const { transport } = prober.deployment;
  return {
    kind: 'karen', seen: isKaren ? `${seen}.` : null, reached: true,
    dialect: null, dialectReason: `${seen}.`,
    capabilities: [], role: null, roleReason: 'An AI-Karen is asked without a token.', token: 'none', anonymous: 'unknown',
    transport, tls: ping.tls, clockSkewSeconds: skew, durationMs: Math.round(clock.monotonicMs() - startedAt),
    warnings: [
      ...(transport === 'loopback' ? ['Unencrypted, this machine: plain http is used, which is accepted only because it never leaves this machine.'] : []),
      ...(skew !== null && Math.abs(skew) > SKEW_LIMIT_SECONDS ? [`The clock of the server is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} ours.`] : []),
    ],
    testedAt: formatInstantMs(clock.now()),
  };
}

function bodyOf(answer: ProbeAnswer): Readonly<Record<string, unknown>> {
  const body = answer.json();
  return isObject(body) ? body : {};
}

/** `{status: "ok", timestamp}`: a NAVI says ok too, but without the time. */
function isOk(answer: ProbeAnswer): boolean {
  const { status, timestamp } = bodyOf(answer);
  return answer.status === 200 && status === 'ok' && typeof timestamp === 'string';
}

const hasGuard = (answer: ProbeAnswer): boolean => answer.status === 401 && bodyOf(answer)['detail'] === GUARD;

function describe(answer: ProbeAnswer): string {
  if (isOk(answer)) return '200 with status ok';
  return hasGuard(answer) ? '401, as the guard of the newer build does' : String(answer.status);
}
