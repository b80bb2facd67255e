// Loads baselines: YAML, then its form, then its expressions. A broken one is refused with file, line and reason; none is used in part.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { baselinePack, compilePack, PackProblem } from '#shared/domain/posture-pack.ts';
import type { BaselinePack, CompiledPack } from '#shared/domain/posture-pack.ts';
import { AppError } from '#shared/errors.ts';
import { parseYaml, YamlProblem } from './yaml.ts';
import type { ReadYaml } from './yaml.ts';

export interface LoadedPack {
  readonly pack: CompiledPack;
  /** SHA-256 of the text, hex. */
  readonly digest: string;
  readonly text: string;
}

/** The folder of the shipped baselines: beside the bundle that this module became part of, or in the source tree. */
const BUNDLED = new URL('./packs/baselines/', import.meta.url);
const SOURCE = new URL('../../../shared/packs/baselines/', import.meta.url);

/** Reads and compiles a baseline. @param name of the file, for the message. @throws AppError invalid_baseline with file, line and reason */
export function readPack(text: string, name: string): LoadedPack {
  // A checkout on Windows may change the line ends; that is the same pack.
  const same = text.replaceAll('\r\n', '\n');
  try {
    return { pack: compiled(parseYaml(same)), digest: createHash('sha256').update(same).digest('hex'), text: same };
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw new AppError('invalid_baseline', {
      message: `${name}, line ${error.line}: ${error.message}. Nothing was taken from this file.`, hint: 'Correct that line, then import the file again. docs/ARCHITECTURE.md says what a baseline holds.', facts: { file: name, line: error.line }, cause: error,
    });
  }
}

function compiled(yaml: ReadYaml): CompiledPack {
  const pack = formed(yaml);
  try {
    return compilePack(pack);
  } catch (error) {
    if (!(error instanceof PackProblem)) throw error;
    throw new YamlProblem(`${nameOf(yaml, error.at)}${error.message}`, yaml.lineOf(error.at));
  }
}

/** The schema's first complaint, by line; a key that nobody knows comes first, as it is most often the one that is missing elsewhere. */
function formed(yaml: ReadYaml): BaselinePack {
  const result = baselinePack.safeParse(yaml.value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const place = [...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step)), ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])];
    return { isUnknownKey: issue.code === 'unrecognized_keys', line: yaml.lineOf(place), message: `${nameOf(yaml, place)}${issue.message}` };
  });
  const [first] = problems.toSorted((a, b) => Number(b.isUnknownKey) - Number(a.isUnknownKey) || a.line - b.line);
  throw new YamlProblem(first?.message ?? 'this is no baseline', first?.line ?? 1);
}

/** "check jwt.on, rules.0.pass: ": where in the pack, in its own words. */
function nameOf({ value }: ReadYaml, [top, index, ...rest]: readonly (string | number)[]): string {
  if (top !== 'checks' || typeof index !== 'number') return top === undefined ? '' : `${[top, index, ...rest].filter((step) => step !== undefined).join('.')}: `;
  const { checks } = value as { readonly checks: readonly unknown[] };
  const check = checks[index];
  const id: unknown = typeof check === 'object' && check !== null && 'id' in check ? check.id : null;
  return `${typeof id === 'string' ? `check ${id.slice(0, 80)}` : `check ${index + 1}`}${rest.length === 0 ? '' : `, ${rest.join('.')}`}: `;
}

/** Reads every baseline of a folder, in the order of their names. @throws AppError invalid_baseline */
export function packsIn(folder: URL): readonly LoadedPack[] {
  return readdirSync(folder).filter((name) => name.endsWith('.yaml')).toSorted().map((name) => readPack(readFileSync(new URL(name, folder), 'utf8'), name));
}

let shipped: readonly LoadedPack[] | null = null;

/** The baselines that ship with the program, read once. */
export function shippedPacks(): readonly LoadedPack[] {
  shipped ??= packsIn(existsSync(BUNDLED) ? BUNDLED : SOURCE);
  return shipped;
}
