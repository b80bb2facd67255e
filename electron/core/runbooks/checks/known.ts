// Live checks over what the console knows already: a check of the posture, overdue rows, the rotation. What is stale or unknown there is no pass here.
import type { RotationView } from '#shared/contract/rotation.ts';
import type { SecurityView } from '#shared/contract/security.ts';
import { isAccepted } from '#shared/domain/evidence.ts';
import type { Json } from '#shared/domain/posture-expression.ts';
import type { LiveCheck } from '#shared/domain/runbook-pack.ts';
import { found, isPassing } from './found.ts';
import type { Found } from './found.ts';

type Of<A extends LiveCheck['asks']> = Extract<LiveCheck, { asks: A }>;

/** @param nowMs where nothing was ever seen */
export function securityFound(check: Of<'security-check'>, view: SecurityView, nowMs: number): Found {
  const source = `security check ${check.check}, ${view.baseline.id} ${view.baseline.version}`;
  const one = view.checks.find(({ id }) => id === check.check);
  if (one === undefined) return found('unknown', { seen: `The baseline ${view.baseline.id} has no check ${check.check}.`, because: 'Nothing decides it.', source, at: nowMs });
  const at = one.observedAt ?? nowMs;
  const say = (result: Found['result'], because: string): Found => found(result, { seen: `${one.title}: ${one.state}. ${one.seen}${/[.!?]$/.test(one.seen) ? '' : '.'}`, because, source, at });
  if (one.state === 'pass') return one.observedAt === null ? say('unknown', 'Nobody knows when it was seen.') : say('pass', one.reason);
  if (one.state === 'fail') return say('fail', isAccepted(one) ? `${one.reason} An exception accepts it; that does not make it pass.` : one.reason);
  if (one.state === 'not-applicable') return say('unknown', `It does not apply here: ${one.reason}`);
  return say('unknown', one.state === 'stale' ? `What was seen is too old: ${one.reason} Scan the security of the deployment again.` : one.reason);
}

const member = (value: Json | undefined, name: string): Json | undefined => (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name) ? (value as Readonly<Record<string, Json>>)[name] : undefined);

export interface OverdueSeen { readonly status: Json; /** Milliseconds since the epoch. */ readonly atMs: number; /** Whether the audit log answered just before and just after, so that its database was there. */ readonly isDatabaseThere: boolean }

export function overdueFound(check: Of<'overdue-rows'>, { status, atMs, isDatabaseThere }: OverdueSeen): Found {
  const retention = member(status, 'audit_retention');
  const [enabled, count] = [member(retention, 'enabled'), member(retention, 'overdue_count')];
  const source = 'GET /api/admin/security/status, $.audit_retention.overdue_count';
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) return found('unknown', { seen: 'It gave no count of overdue rows.', because: 'A count that is missing is no zero.', source, at: atMs });
  const seen = `It counts ${count} overdue ${count === 1 ? 'row' : 'rows'}.`;
  const say = (result: Found['result'], because: string): Found => found(result, { seen, because, source, at: atMs });
  if (enabled !== true) return say('unknown', enabled === false ? 'Retention is off: nothing is counted then.' : 'It does not say whether retention is on.');
  if (count > 0) return say(isPassing(count <= check.at_most), `At most ${check.at_most} may be overdue.`);
  return isDatabaseThere ? say('pass', `At most ${check.at_most} may be overdue. The audit log answered before and after, so the database was there to be counted.`) : say('unknown', 'It says 0 as well when its database is away, and the audit log did not answer.');
}

const ORDER = ['prepare', 'deploy', 'validate', 'cutover', 'finished'] as const;

/** @param nowMs now: what the record says holds until it is changed */
export function rotationFound(check: Of<'rotation'>, rotation: RotationView | null, nowMs: number): Found {
  const source = `rotation assistant${rotation === null ? '' : `, ${rotation.rotationId}`}`;
  const say = (result: Found['result'], seen: string, because: string): Found => found(result, { seen, because, source, at: nowMs });
  if (rotation === null) return say('unknown', 'There never was a rotation of this deployment.', 'Start one in the rotation assistant.');
  const { outcome, phase, record } = rotation;
  if (record.verdict === 'broken') return say('unknown', `The record of the rotation does not verify: ${record.message}`, 'A record that was altered proves nothing.');
  if (outcome === 'finished' && record.verdict !== 'intact') return say('unknown', `The rotation is finished. ${record.message}`, 'Whether its record is whole is not known.');
  const seen = outcome === 'finished' ? 'The rotation is finished.' : outcome === 'abandoned' ? `The rotation was abandoned in the phase ${phase}.` : `The rotation is in the phase ${phase}.`;
  if (outcome === 'abandoned') return say('fail', seen, 'What was abandoned leads nowhere.');
  const reached = outcome === 'finished' ? 'finished' : phase;
  return say(isPassing(ORDER.indexOf(reached) >= ORDER.indexOf(check.phase)), seen, check.phase === 'finished' ? 'It has to be finished.' : `It has to have come to the phase ${check.phase}.`);
}
