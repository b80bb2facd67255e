// Evaluates a compiled baseline over evidence. Owns the five states; it never turns what is missing, of another type, or too old into a pass.
import type { CheckState, Evidence, EvidenceKind } from './evidence.ts';
import { readPath, UNKNOWN } from './posture-compile.ts';
import type { Facts } from './posture-compile.ts';
import { formatEvidencePath } from './posture-expression.ts';
import type { EvidencePath, Json } from './posture-expression.ts';
import { DOCUMENTS, isDocumentName } from './posture-pack.ts';
import type { CompiledCheck, CompiledPack, CompiledRule, DocumentName, FreshHours, RuleState, Template } from './posture-pack.ts';
import type { Dialect, Environment } from './deployment.ts';
import { formatInstantUs } from './time.ts';

/** One document of evidence as it was found, or the reason why there is none. */
export interface EvidenceDocument {
  readonly value: Json;
  /** The request line, the file's name and digest, or the local query. */
  readonly source: string;
  readonly observedAtUs: number;
  /** Where the parts of a document came at different times, by their first key. */
  readonly parts?: Readonly<Record<string, { readonly source: string; readonly observedAtUs: number }>>;
}

/** Where and when what a path reads came from. */
function originOf(found: EvidenceDocument, { keys }: EvidencePath): { readonly source: string; readonly observedAtUs: number } {
  const [first] = keys;
  return first !== undefined && found.parts !== undefined && Object.hasOwn(found.parts, first) ? found.parts[first] ?? found : found;
}

/** All evidence of one deployment at one time. */
export interface EvidenceSet {
  readonly documents: Readonly<Partial<Record<DocumentName, EvidenceDocument>>>;
  /** Why a document is missing, in one sentence. */
  readonly lacking: Readonly<Partial<Record<DocumentName, string>>>;
  readonly deployment: { readonly environment: Environment; readonly dialect: Dialect | null };
  readonly nowUs: number;
}

/** The outcome of one check before it is put into words: `rule` decided, or null when none could. */
export interface Decision { readonly state: CheckState; readonly rule: CompiledRule | null; readonly lastKnown: RuleState | null; readonly oldestUs: number | null }

const HOUR_US = 3_600_000_000;
const AHEAD_US = 24 * HOUR_US;
const VALUE_LENGTH = 512;
const SHOWN_LENGTH = 80;
const NOT_APPLICABLE: Decision = { state: 'not-applicable', rule: null, lastKnown: null, oldestUs: null };
const UNDECIDED: Decision = { state: 'unknown', rule: null, lastKnown: null, oldestUs: null };

export function factsOf({ documents, nowUs }: EvidenceSet): Facts {
  const values: Record<string, Json> = {};
  for (const name of Object.keys(documents)) {
    const document = documents[name as DocumentName];
    if (document !== undefined) values[name] = document.value;
  }
  return { documents: values, nowUs, slots: [] };
}

function applies(check: CompiledCheck, { deployment }: EvidenceSet): boolean {
  if (check.applies === undefined) return true;
  const { dialects, environments } = check.applies;
  if (environments !== undefined && !environments.includes(deployment.environment)) return false;
  // A dialect that is not known excludes nothing: the evidence decides.
  return dialects === undefined || deployment.dialect === null || dialects.includes(deployment.dialect);
}

interface Age { readonly oldestUs: number | null; readonly isStale: boolean; readonly isFuture: boolean }
const AGELESS: Age = { oldestUs: null, isStale: false, isFuture: false };

/** A time so far ahead tells nothing about age: one of the clocks is wrong. A day is left for dates without a time. */
const isAhead = (observedAtUs: number, nowUs: number): boolean => observedAtUs - nowUs > AHEAD_US;

function ageOfLook(observedAtUs: number, name: DocumentName, { nowUs, fresh }: { readonly nowUs: number; readonly fresh: FreshHours }): Age {
  return { oldestUs: observedAtUs, isStale: nowUs - observedAtUs > fresh[DOCUMENTS[name]] * HOUR_US, isFuture: isAhead(observedAtUs, nowUs) };
}

function older(a: Age, b: Age): Age {
  if (a.oldestUs === null || b.oldestUs === null) return a.oldestUs === null ? b : a;
  return { oldestUs: Math.min(a.oldestUs, b.oldestUs), isStale: a.isStale || b.isStale, isFuture: a.isFuture || b.isFuture };
}

/** The age of each document whose parts are of one time. */
type Ages = ReadonlyMap<DocumentName, Age>;

function agesOf({ documents, nowUs }: EvidenceSet, fresh: FreshHours): Ages {
  const ages = new Map<DocumentName, Age>();
  for (const name of Object.keys(documents)) {
    const found = documents[name as DocumentName];
    if (found !== undefined && found.parts === undefined && isDocumentName(name)) ages.set(name, ageOfLook(found.observedAtUs, name, { nowUs, fresh }));
  }
  return ages;
}

/** How old what is read is: the oldest of what is known, and whether one of it is too old to count. */
function ageOf({ paths, documents: names }: Pick<CompiledRule, 'paths' | 'documents'>, { evidence, fresh, ages }: Given): Age {
  let age = AGELESS;
  for (const name of names) {
    const whole = ages.get(name);
    if (whole !== undefined) {
      age = older(age, whole);
      continue;
    }
    const found = evidence.documents[name];
    if (found === undefined) continue;
    for (const path of paths) if (path.document === name) age = older(age, ageOfLook(originOf(found, path).observedAtUs, name, { nowUs: evidence.nowUs, fresh }));
  }
  return age;
}

/** What all checks of an evaluation share. */
interface Given { readonly evidence: EvidenceSet; readonly facts: Facts; readonly fresh: FreshHours; readonly ages: Ages }

/** What a rule that holds comes to, with the age of what it stands on: a fail on what its own line read, a pass on everything that could have spoken against it. */
function dated(check: CompiledCheck, rule: CompiledRule, given: Given): Decision {
  const { oldestUs, isStale, isFuture } = ageOf(rule.state === 'fail' || rule.state === 'unknown' ? rule : check, given);
  if (rule.state === 'unknown') return { state: 'unknown', rule, lastKnown: null, oldestUs };
  if (isFuture) return UNDECIDED;
  return isStale ? { state: 'stale', rule, lastKnown: rule.state, oldestUs } : { state: rule.state, rule, lastKnown: null, oldestUs };
}

function decide(check: CompiledCheck, given: Given): Decision {
  if (!applies(check, given.evidence)) return NOT_APPLICABLE;
  let isClear = true;
  let aged: Decision | null = null;
  for (const rule of check.rules) {
    const holds = rule.holds(given.facts);
    if (holds === false) continue;
    if (holds === true && rule.state === 'fail') {
      const decision = dated(check, rule, given);
      if (decision.state === 'fail') return decision;
      // It failed when it was last seen. A later line may still fail on what is fresh; nothing may pass any more.
      aged ??= decision;
    } else if (holds === true && aged === null && (isClear || rule.state === 'unknown')) return dated(check, rule, given);
    isClear = false;
  }
  return aged ?? UNDECIDED;
}

/** Decides checks of a pack, in their order; all of them unless some are named. */
export function decideAll(pack: CompiledPack, evidence: EvidenceSet, checks: readonly CompiledCheck[] = pack.checks): readonly Decision[] {
  const { documents, nowUs } = factsOf(evidence);
  const given: Given = { evidence, facts: { documents, nowUs, slots: pack.read(documents) }, fresh: pack.fresh_hours, ages: agesOf(evidence, pack.fresh_hours) };
  return checks.map((check) => decide(check, given));
}

/** A check with its outcome in words. */
export interface Outcome {
  readonly state: CheckState;
  readonly seen: string;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  /** When the oldest of what decided was seen; null when nothing did. */
  readonly observedAtUs: number | null;
  readonly lastKnown: RuleState | null;
}

const KIND_SHOWN: Readonly<Record<keyof FreshHours, EvidenceKind>> = { declared: 'declared', file: 'declared', observed: 'observed', derived: 'derived', attested: 'attested' };

function shown(value: Json): string {
  if (value === null) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

function fill(template: Template, facts: Facts): string {
  return template.map((part) => {
    if (typeof part === 'string') return part;
    const value = readPath(facts, part);
    return value === UNKNOWN ? 'nothing' : shown(value);
  }).join('');
}

function evidenceFor(paths: readonly EvidencePath[], { documents }: EvidenceSet, facts: Facts): readonly Evidence[] {
  return paths.flatMap((path): readonly Evidence[] => {
    const found = isDocumentName(path.document) ? documents[path.document] : undefined;
    if (found === undefined || !isDocumentName(path.document)) return [];
    const value = readPath(facts, path);
    const inside = formatEvidencePath({ document: '$', keys: path.keys });
    const { source, observedAtUs } = originOf(found, path);
    return [{ kind: KIND_SHOWN[DOCUMENTS[path.document]], source, path: inside === '$' ? null : inside, value: value === UNKNOWN ? null : JSON.stringify(value).slice(0, VALUE_LENGTH), observedAt: formatInstantUs(observedAtUs) }];
  });
}

/** Why nothing was decided: what is missing, in one sentence. */
function whyUndecided(check: CompiledCheck, { documents, lacking, nowUs }: EvidenceSet, facts: Facts): string {
  const absent = new Set<string>();
  const odd: string[] = [];
  for (const path of check.paths) {
    if (!isDocumentName(path.document)) continue;
    const found = documents[path.document];
    if (found !== undefined && isAhead(originOf(found, path).observedAtUs, nowUs)) return 'Its evidence is dated more than a day after now. One of the clocks is wrong.';
    if (found === undefined) absent.add(lacking[path.document] ?? `There is no evidence from "${path.document}" yet.`);
    else if (readPath(facts, path) === UNKNOWN) odd.push(formatEvidencePath(path));
  }
  if (absent.size > 0) return [...absent].join(' ');
  if (odd.length > 0) return `${odd.slice(0, 3).join(', ')} ${odd.length === 1 ? 'is' : 'are'} missing in the answer.`;
  return 'What was answered is of another type than expected, or fits no case that is known.';
}

/** Puts a decision into words, with the evidence that it read. */
export function describeDecision(check: CompiledCheck, decision: Decision, given: { readonly evidence: EvidenceSet; readonly facts: Facts }): Outcome {
  const { evidence, facts } = given;
  const { state, rule, lastKnown, oldestUs } = decision;
  const base = { state, evidence: evidenceFor(check.paths, evidence, facts), observedAtUs: oldestUs, lastKnown };
  if (rule === null) {
    return state === 'not-applicable'
      ? { ...base, seen: 'Not looked at', reason: 'This check does not apply to this environment or version.', evidence: [] }
      : { ...base, seen: 'Not known', reason: whyUndecided(check, evidence, facts) };
  }
  const seen = fill(rule.seen, facts);
  if (state !== 'stale') return { ...base, seen, reason: fill(rule.because, facts) };
  const hours = oldestUs === null ? 0 : Math.floor((evidence.nowUs - oldestUs) / HOUR_US);
  return { ...base, seen, reason: `Last seen ${hours} h ago, which is too old to count. It was: ${rule.state}.` };
}
