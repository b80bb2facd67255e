// Cases for the checks of a baseline: documents with which every check passes, and for each check the patches that make it fail or unknown.
import { readFileSync } from 'node:fs';
import type { Json } from '#shared/domain/posture-expression.ts';
import { parseEvidencePath } from '#shared/domain/posture-expression.ts';
import { decideAll } from '#shared/domain/posture-evaluate.ts';
import type { Decision, EvidenceDocument, EvidenceSet } from '#shared/domain/posture-evaluate.ts';
import type { CompiledCheck, CompiledPack } from '#shared/domain/posture-pack.ts';
import { parseInstantUs } from '#shared/domain/time.ts';

export type Documents = Readonly<Record<string, Json>>;
export type Patch = Readonly<Record<string, Json>>;
export interface BaselineCases {
  readonly documents: Documents;
  /** `pass` is laid over the documents first; each patch of `fail` must make it fail alone; without the paths of `unknown` it must be unknown. `nullable`: where null is what was seen, and something else beside it is proof enough. */
  readonly checks: Readonly<Record<string, { readonly pass?: Patch; readonly fail: readonly Patch[]; readonly unknown: readonly string[]; readonly nullable?: readonly string[]; readonly applies?: Partial<EvidenceSet['deployment']> }>>;
}

export const NOW_US = parseInstantUs('2026-03-01T12:00:00Z') ?? 0;

export function readCases(name: string): BaselineCases {
  return JSON.parse(readFileSync(new URL(`../fixtures/posture/${name}.json`, import.meta.url), 'utf8')) as BaselineCases;
}

/** A copy with other values at some paths; `undefined` takes the value away. */
export function patched(documents: Documents, patch: Readonly<Record<string, Json | undefined>>): Documents {
  const copy = structuredClone(documents) as Record<string, Json>;
  for (const [text, value] of Object.entries(patch)) {
    const { document, keys } = parseEvidencePath(text);
    const all = [document, ...keys];
    const last = all.pop() ?? '';
    let table = copy as Record<string, Json | undefined>;
    for (const key of all) table = table[key] as unknown as Record<string, Json | undefined>;
    if (value === undefined) delete table[last];
    else table[last] = value;
  }
  return copy;
}

export const without = (documents: Documents, paths: readonly string[]): Documents => patched(documents, Object.fromEntries(paths.map((path) => [path, undefined])));

export function evidenceOf(documents: Documents, deployment: Partial<EvidenceSet['deployment']> = {}): EvidenceSet {
  const found: Record<string, EvidenceDocument> = {};
  for (const [name, value] of Object.entries(documents)) found[name] = { value, source: name, observedAtUs: NOW_US };
  return { documents: found, lacking: {}, deployment: { environment: 'production', dialect: null, ...deployment }, nowUs: NOW_US };
}

export function decideOver(pack: CompiledPack, check: CompiledCheck, evidence: EvidenceSet): Decision {
  const [decision] = decideAll(pack, evidence, [check]);
  if (decision === undefined) throw new Error(`${check.id} was not decided`);
  return decision;
}
