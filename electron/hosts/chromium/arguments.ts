// Owns the command line of this host; it refuses what it does not know, and the switches of the tests unless the tests are meant.
import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SecretStoreKind } from '#shared/domain/credentials.ts';
import { SECRET_STORES } from '#shared/domain/secret-stores.ts';
import { defaultProfileDirectory } from '#core/profile/default-directory.ts';

export interface HostArguments {
  readonly profileDir: string;
  readonly store: SecretStoreKind | null;
  readonly isHeadless: boolean;
  readonly hasDebugPort: boolean;
}

export const USAGE = `Usage: npm start -- [--profile DIR] [--secrets ${SECRET_STORES.join('|')}]

  --profile DIR    use this profile; an empty or missing directory is a new one
  --secrets STORE  where secrets live; memory keeps nothing after exit
  --help           show this`;

/** Without this in the environment the two switches below do not exist. */
export const TEST_VARIABLE = 'HOLDFAST_TEST_DEBUG_PORT';

export class UsageError extends Error {}

/**
 * Reads the command line.
 * @returns null when help was asked for
 * @throws {UsageError}
 */
export function readArguments(argv: readonly string[], env: Readonly<Record<string, string | undefined>>, cwd: string): HostArguments | null {
  const isTest = env[TEST_VARIABLE] === '1';
  const { values } = parse(argv, isTest);
  if (values.help === true) return null;
  const store = SECRET_STORES.find((kind) => kind === values.secrets) ?? null;
  if (values.secrets !== undefined && store === null) throw new UsageError(`--secrets is one of ${SECRET_STORES.join(', ')}.`);
  const profile = values.profile ?? env['HOLDFAST_PROFILE'];
  if (profile === '') throw new UsageError('--profile needs a directory.');
  const profileDir = profile === undefined ? defaultProfileDirectory() : isAbsolute(profile) ? profile : join(cwd, profile);
  return { profileDir, store, isHeadless: values.headless === true, hasDebugPort: values['remote-debugging-port'] !== undefined };
}

function parse(argv: readonly string[], isTest: boolean): { values: { profile?: string; secrets?: string; help?: boolean; headless?: boolean; 'remote-debugging-port'?: string } } {
  const product = { profile: { type: 'string' }, secrets: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  const tests = { headless: { type: 'boolean' }, 'remote-debugging-port': { type: 'string' } } as const;
  try {
    return isTest ? parseArgs({ args: [...argv], options: { ...product, ...tests } }) : parseArgs({ args: [...argv], options: product });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
