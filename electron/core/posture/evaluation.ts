// Evaluates a baseline over what is known of a deployment and puts the outcome into the form of the contract; it reads the cache and changes nothing.
import type { SecurityView } from '#shared/contract/security.ts';
import { countStates, isAccepted, summariseCounts } from '#shared/domain/evidence.ts';
import type { Evidence, Exception, SecurityCheck } from '#shared/domain/evidence.ts';
import { decideAll, describeDecision, factsOf } from '#shared/domain/posture-evaluate.ts';
import type { EvidenceSet } from '#shared/domain/posture-evaluate.ts';
import { formatEvidencePath } from '#shared/domain/posture-expression.ts';
import type { Json } from '#shared/domain/posture-expression.ts';
import type { CompiledPack } from '#shared/domain/posture-pack.ts';
import type { SnapshotCheck } from '#shared/domain/posture.ts';
import { formatInstantUs } from '#shared/domain/time.ts';

/** The whole statement of a person about this check, whether a rule reads it or not, in place of the single fields that a rule reads of it. */
function withStatement(read: readonly Evidence[], checkId: string, { documents: { attested } }: EvidenceSet): Evidence[] {
  const others = read.filter(({ kind, value }) => kind !== 'attested' || value !== null);
  const part = attested?.parts?.[checkId];
  const table = attested?.value;
  if (part === undefined || typeof table !== 'object' || table === null || Array.isArray(table)) return others;
  const path = formatEvidencePath({ document: '$', keys: [checkId] });
  return [...others.filter(({ kind, path: of }) => kind !== 'attested' || of?.startsWith(path) !== true), { kind: 'attested', source: part.source, path, value: JSON.stringify((table as Readonly<Record<string, Json>>)[checkId]), observedAt: formatInstantUs(part.observedAtUs) }];
}

/** Every check of the pack, in its order. */
export function evaluateChecks(pack: CompiledPack, evidence: EvidenceSet, exceptions: ReadonlyMap<string, Exception>): SecurityCheck[] {
  const facts = factsOf(evidence);
  const decisions = decideAll(pack, evidence);
  return pack.checks.map((check, index): SecurityCheck => {
    const decision = decisions[index];
    if (decision === undefined) throw new Error('a check without a decision');
    const { observedAtUs, evidence: behind, ...outcome } = describeDecision(check, decision, { evidence, facts });
    return {
      id: check.id, title: check.title, group: check.group, severity: check.severity, isContradiction: check.finding === 'contradiction', why: check.why, fix: check.fix, references: [...check.references],
      ...outcome, evidence: withStatement(behind, check.id, evidence), observedAt: observedAtUs === null ? null : formatInstantUs(observedAtUs), exception: exceptions.get(check.id) ?? null,
    };
  });
}

export function snapshotOf(checks: readonly SecurityCheck[]): SnapshotCheck[] {
  return checks.map((check) => ({ id: check.id, title: check.title, severity: check.severity, state: check.state, seen: check.seen, reason: check.reason, isAccepted: isAccepted(check) }));
}

/** Leaves of a JSON value with their paths; an empty list or table is a leaf. */
function leaves(value: Json, keys: readonly string[]): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [keys];
  const entries = Object.entries(value);
  return entries.length === 0 ? [keys] : entries.flatMap(([key, inner]) => leaves(inner, [...keys, key]));
}

/** Leaves of the imported configuration files that no check reads and that the pack does not excuse, as they are written in expressions. */
export function uncoveredLeaves(pack: CompiledPack, evidence: EvidenceSet): string[] {
  const read = pack.checks.flatMap((check) => check.paths).map(formatEvidencePath);
  const excused = new Set(pack.unchecked.map(({ path }) => path));
  const covers = (path: string): boolean => excused.has(path) || read.some((one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`));
  return (['config', 'security_yml'] as const).flatMap((document) => {
    const found = evidence.documents[document];
    return found === undefined ? [] : leaves(found.value, []).map((keys) => formatEvidencePath({ document, keys })).filter((path) => !covers(path));
  });
}

/** The part of a view that follows from its checks. */
export function countsOf(checks: readonly SecurityCheck[]): Pick<SecurityView, 'counts' | 'summary'> {
  const counts = countStates(checks);
  return { counts, summary: summariseCounts(counts) };
}
