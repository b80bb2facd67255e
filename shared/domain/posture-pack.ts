// A baseline: checks as content. Owns its form and what makes it sound; it refuses a pack that could turn green without evidence.
import { z } from '../zod.ts';
import { dialect, environment } from './deployment.ts';
import { severity } from './evidence.ts';
import { compileExpression } from './posture-compile.ts';
import type { Evaluate } from './posture-compile.ts';
import { ExpressionProblem, formatEvidencePath, parseEvidencePath, parseExpression, pathsIn } from './posture-expression.ts';
import type { EvidencePath, Expression, Json } from './posture-expression.ts';
import { createSlots } from './posture-slots.ts';
import type { Slots } from './posture-slots.ts';

/** What evidence of each kind must be younger than to count, in hours. */
const freshHours = z.strictObject({ declared: z.number().positive(), observed: z.number().positive(), derived: z.number().positive(), file: z.number().positive(), attested: z.number().positive() });
export type FreshHours = z.infer<typeof freshHours>;

/** Shown in windows, terminals and reports: no control characters, nothing that turns the direction of writing. */
const HIDDEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const plain = (most: number) => z.string().trim().min(1).max(most).refine((text) => !HIDDEN.test(text), 'has a character that cannot be seen');
const sentence = plain(400);
const expression = z.string().trim().min(1).max(2000);
const words = { seen: sentence, because: sentence };

/**
 * One line of a decision list. The first whose condition holds decides. A pass or not-applicable holds only when no line before it was unknown;
 * a fail or unknown may stand on what is known alone.
 */
export const packRule = z.union([
  z.strictObject({ fail: expression, ...words }),
  z.strictObject({ pass: expression, ...words }),
  z.strictObject({ unknown: expression, ...words }),
  z.strictObject({ 'not-applicable': expression, ...words }),
], 'a rule is one of fail, pass, unknown and not-applicable with its expression, and the texts seen and because');
export type PackRule = z.infer<typeof packRule>;

export const packCheck = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/).max(80),
  title: sentence,
  group: plain(40),
  severity,
  /** contradiction: the check compares what is declared with what was seen, and is listed among the contradictions when it fails. */
  finding: z.literal('contradiction').optional(),
  /** Where it applies; absent means everywhere. */
  applies: z.strictObject({ dialects: z.array(dialect).min(1).optional(), environments: z.array(environment).min(1).optional() }).optional(),
  rules: z.array(packRule).min(1).max(20),
  why: sentence,
  fix: plain(1000),
  references: z.array(plain(120)).max(10).default([]),
});
export type PackCheck = z.infer<typeof packCheck>;

export const baselinePack = z.strictObject({
  format: z.literal(1),
  id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/).max(60),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  title: sentence,
  kind: z.enum(['navi', 'karen']),
  source: sentence,
  fresh_hours: freshHours,
  checks: z.array(packCheck).min(1).max(500),
  /** Leaves of an imported file that have no check, each with its reason; the path as expressions write it, `config.theme`. */
  unchecked: z.array(z.strictObject({ path: z.string().max(200), reason: sentence })).max(1000).default([]),
});
export type BaselinePack = z.infer<typeof baselinePack>;

/** Documents that an expression may read, and the kind of evidence that each is. */
export const DOCUMENTS = {
  /** GET /api/admin/security/status with our token. */
  status: 'declared',
  /** The deployment as this console knows it: environment, dialect, transport. */
  deployment: 'declared',
  /** production.json, imported. */
  config: 'file',
  /** security_production.yml, imported. */
  security_yml: 'file',
  /** What the cached audit rows show. */
  audit: 'derived',
  /** Earlier looks at this deployment: growth of what is overdue, how long a grace window is open. */
  history: 'derived',
  /** Statements of people, by check id. */
  attested: 'attested',
  /** What probes saw, each by its id: electron/core/posture/probes/ says what each asks and which facts it gives. */
  tls: 'observed', headers: 'observed', cors: 'observed', anonymous: 'observed', forged: 'observed', unsigned: 'observed', docs: 'observed', openapi: 'observed', metrics: 'observed',
  error_body: 'observed', limits: 'observed', burst: 'observed', health_ready: 'observed', governance: 'observed', device_flow: 'observed', anonymous_admin: 'observed', audit_logs: 'observed',
  auth_status: 'observed', first_run: 'observed', validate_session: 'observed', threat_stats: 'observed', cache_health: 'observed', bypass: 'observed', extensions: 'observed',
} as const satisfies Readonly<Record<string, keyof FreshHours>>;
export type DocumentName = keyof typeof DOCUMENTS;
const FILES: readonly string[] = Object.keys(DOCUMENTS).filter((name) => DOCUMENTS[name as DocumentName] === 'file');
export const isDocumentName = (name: string): name is DocumentName => Object.hasOwn(DOCUMENTS, name);

export type RuleState = 'fail' | 'pass' | 'unknown' | 'not-applicable';
const RULE_STATES = ['fail', 'pass', 'unknown', 'not-applicable'] as const;

/** What a rule or check reads: its paths, each once, and the documents that they are in. */
interface Reads { readonly paths: readonly EvidencePath[]; readonly documents: readonly DocumentName[] }
export interface CompiledRule extends Reads { readonly state: RuleState; readonly holds: Evaluate; readonly seen: Template; readonly because: Template }
export interface CompiledCheck extends Omit<PackCheck, 'rules'>, Reads { readonly rules: readonly CompiledRule[] }
export interface CompiledPack extends Omit<BaselinePack, 'checks'> {
  readonly checks: readonly CompiledCheck[];
  /** Reads every path of the pack at once. */
  readonly read: Slots['read'];
}

/** Text with `{path}` places. */
export type Template = readonly (string | EvidencePath)[];

/** What is wrong with a pack, and where: keys and indexes from its top. */
export class PackProblem extends Error {
  readonly at: readonly (string | number)[];
  constructor(message: string, at: readonly (string | number)[]) {
    super(message);
    this.at = at;
  }
}

function at<T>(place: readonly (string | number)[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpressionProblem) throw new PackProblem(`${error.message} (column ${error.column})`, place);
    throw error;
  }
}

function knownDocument(path: EvidencePath, place: readonly (string | number)[]): EvidencePath {
  if (!isDocumentName(path.document)) throw new PackProblem(`there is no evidence named "${path.document}"`, place);
  return path;
}

/** Text and places in turn; `{{` and `}}` are braces. */
const TEMPLATE = /(\{\{|\}\})|\{([^{}]*)\}|[{}]/g;

function compileTemplate(text: string, place: readonly (string | number)[]): Template {
  const parts: (string | EvidencePath)[] = [];
  let from = 0;
  for (const match of text.matchAll(TEMPLATE)) {
    const [whole, brace, path] = match;
    if (brace === undefined && path === undefined) throw new PackProblem(`"${whole}" stands alone; write it twice to show it`, place);
    parts.push(text.slice(from, match.index), brace === undefined ? knownDocument(at(place, () => parseEvidencePath(path ?? '')), place) : brace.slice(1));
    from = match.index + whole.length;
  }
  return [...parts, text.slice(from)].filter((part) => part !== '');
}

/** What says nothing: no document, documents without content, documents that are something else. A pass that holds here would be green without evidence. */
const NOTHING_KNOWN = [{}, ...[{}, null, [], '', 0, false].map((value): Readonly<Record<string, Json>> => Object.fromEntries(Object.keys(DOCUMENTS).map((name) => [name, value])))];

/** The conditions that hold without any evidence: `true`, or comparisons of literals. */
const readsNothing = (expression: Expression): boolean => pathsIn(expression).length === 0;

function readsOf(all: readonly EvidencePath[]): Reads {
  const paths = [...new Map(all.map((path) => [formatEvidencePath(path), path])).values()];
  return { paths, documents: [...new Set(paths.map(({ document }) => document))].filter(isDocumentName) };
}

function compileRule(rule: PackRule, place: readonly (string | number)[], slots: Slots): CompiledRule {
  const state = RULE_STATES.find((one) => one in rule) ?? 'unknown';
  const where = [...place, state];
  const tree = at(where, () => parseExpression((rule as Readonly<Record<string, string>>)[state] ?? ''));
  if ((state === 'pass' || state === 'fail') && readsNothing(tree)) throw new PackProblem(`a ${state} must read evidence`, where);
  const paths = pathsIn(tree).map((path) => knownDocument(path, where));
  const holds = compileExpression(tree, slots.slotOf);
  if (state === 'pass' && NOTHING_KNOWN.some((documents) => holds({ documents, nowUs: 0, slots: [] }) === true)) throw new PackProblem('this passes where nothing is known', where);
  return { state, holds, ...readsOf(paths), seen: compileTemplate(rule.seen, [...place, 'seen']), because: compileTemplate(rule.because, [...place, 'because']) };
}

/**
 * Compiles a pack that fits the schema.
 * @throws PackProblem for two checks of one id, an expression that cannot be read, evidence that does not exist, a pass without evidence or where nothing is known, a check that can never fail
 */
export function compilePack(pack: BaselinePack): CompiledPack {
  const ids = new Set<string>();
  const slots = createSlots();
  const checks = pack.checks.map((check, index): CompiledCheck => {
    const place = ['checks', index];
    if (ids.has(check.id)) throw new PackProblem(`a second check has the id ${check.id}`, [...place, 'id']);
    ids.add(check.id);
    const rules = check.rules.map((rule, nth) => compileRule(rule, [...place, 'rules', nth], slots));
    if (!rules.some(({ state }) => state === 'fail')) throw new PackProblem('a check must be able to fail', [...place, 'rules']);
    return { ...check, rules, ...readsOf(rules.flatMap(({ paths }) => paths)) };
  });
  pack.unchecked.forEach(({ path }, index) => {
    const place = ['unchecked', index, 'path'];
    if (!FILES.includes(at(place, () => parseEvidencePath(path)).document)) throw new PackProblem('only leaves of imported files are excused', place);
  });
  return { ...pack, checks, read: slots.read };
}
