// Reads a file that an admin offers as evidence: a configuration that is known by its content, or any file beside a statement. It keeps nothing and judges nothing.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Json } from '#shared/domain/posture-expression.ts';
import { AppError } from '#shared/errors.ts';
import { isStrictJsonError, parseStrictJson } from '../deployments/strict-json.ts';
import { readingError } from '../files/file-errors.ts';
import { hideSecrets } from './hide-secrets.ts';
import { readYaml } from './yaml.ts';

/** Largest file that is taken. */
const MAX_BYTES = 1_048_576;

export interface EvidenceFile {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: Buffer;
}

/** @throws AppError file_not_found, file_unreadable, too_large */
export async function readEvidenceFile(path: string): Promise<EvidenceFile> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) throw new AppError('file_unreadable', { message: `${basename(path)} is no file. Nothing was kept.`, hint: 'Choose a file.' });
    if (facts.size > MAX_BYTES) throw new AppError('too_large', { message: `${basename(path)} is larger than 1 MiB. Nothing was kept.`, hint: 'Choose a smaller file, for example the part that matters.' });
    const bytes = await readFile(path);
    return { name: basename(path), sha256: createHash('sha256').update(bytes).digest('hex'), bytes };
  } catch (error) {
    const translated = readingError(error);
    if (translated instanceof AppError && translated.code === 'file_not_found') throw new AppError('file_not_found', { message: `There is no file ${basename(path)}. Nothing was kept.`, hint: 'Check the path.', cause: error });
    throw translated;
  }
}

export interface KnownConfiguration {
  readonly document: 'config' | 'security_yml';
  /** Without its secrets. */
  readonly value: Json;
  readonly about: string;
  /** How many secrets were taken out of it. */
  readonly hidden: number;
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Sections that tell the two files apart; two of them make one known. */
const SECTIONS = {
  config: ['server', 'security', 'authentication', 'rate_limiting', 'feature_flags', 'resource_limits', 'monitoring', 'backup'],
  security_yml: ['content_security_policy', 'security_headers', 'input_validation', 'data_protection', 'network', 'security_monitoring', 'compliance', 'incident_response'],
} as const;
const ABOUT = { config: 'AI-Karen production.json', security_yml: 'AI-Karen security_production.yml' } as const;

/**
 * Tells by the content which configuration a file is, and hides the secrets in it.
 * @throws AppError unknown_format with the reason
 */
export function recogniseConfiguration({ name, bytes }: EvidenceFile): KnownConfiguration {
  const value = parse(name, bytes);
  const known = (['config', 'security_yml'] as const).map((document) => ({ document, sections: isTable(value) ? SECTIONS[document].filter((section) => isTable(value[section])).length : 0 })).toSorted((a, b) => b.sections - a.sections)[0];
  if (known === undefined || known.sections < 2) {
    throw new AppError('unknown_format', { message: `${name} is not a configuration that is known here: it has too few of the sections of production.json or security_production.yml. Nothing was kept.`, hint: 'To keep it beside a statement, name the check that it is about and who says so.' });
  }
  const { value: shown, hidden } = hideSecrets(value as Json);
  return { document: known.document, value: shown, hidden, about: `${ABOUT[known.document]}${hidden === 0 ? '' : `, ${hidden} secret${hidden === 1 ? '' : 's'} hidden`}` };
}

/** Editors of Windows put a byte order mark before UTF-8; in a file it means nothing (RFC 8259, section 8.1). */
const withoutMark = (bytes: Buffer): Buffer => (bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? bytes.subarray(3) : bytes);

function parse(name: string, bytes: Buffer): unknown {
  if (/\.ya?ml$/i.test(name)) return readYaml(bytes.toString('utf8'), name);
  try {
    return parseStrictJson(withoutMark(bytes));
  } catch (error) {
    if (!isStrictJsonError(error)) throw error;
    throw new AppError('unknown_format', { message: `${name} is no JSON that can be relied on: ${error instanceof AppError ? error.message : String(error)}`, hint: 'Check the file, then add it again.', cause: error });
  }
}
