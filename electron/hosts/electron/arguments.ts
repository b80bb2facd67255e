// The command line of this host: window or command, and which profile. A packaged program refuses every switch it does not know: Chromium and Node would act on them.
import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SecretStoreKind } from '#shared/domain/credentials.ts';
import { SECRET_STORES } from '#shared/domain/secret-stores.ts';
import { defaultProfileDirectory } from '#core/profile/default-directory.ts';

export interface WindowArguments {
  readonly kind: 'window';
  readonly profileDir: string;
  readonly store: SecretStoreKind | null;
}

/** Words of the command line program: `holdfast audit list …`. They are read by that program, not here. */
export interface CommandArguments {
  readonly kind: 'command';
  readonly words: readonly string[];
}

export interface ArgumentsSource {
  /** As the process got them, the program itself first. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** A packaged program. Otherwise the first word names the app folder, and switches for developers are let through. */
  readonly isRelease: boolean;
  readonly platform: NodeJS.Platform;
}

export class UsageError extends Error {}

const USAGE = `Usage: holdfast [--profile DIR] [--secrets ${SECRET_STORES.join('|')}]   opens the window
       holdfast --help                                              lists the commands`;

const OWN = { profile: { type: 'string' }, secrets: { type: 'string' } } as const;
const COMMAND_SWITCHES = new Set(['help', 'h', 'version', 'json']);

/** Switches of Chromium about how things look, and of the systems that start programs. None of them opens a way in. */
const HARMLESS = new Set(['ozone-platform', 'ozone-platform-hint', 'force-device-scale-factor', 'high-dpi-support', 'disable-gpu', 'enable-wayland-ime', 'force-dark-mode', 'force-high-contrast', 'lang', 'updated']);

/** Beginnings of switches that run code, open a port, drop the sandbox or bend the network. A command's own options are not among them. */
const DANGEROUS = /^(inspect|remote-|js-flags|no-sandbox|no-zygote|single-process|in-process|disable-.*(sandbox|security|isolat)|allow-|load-extension|extensions?-|host-r|proxy-|ignore-|unsafely-|enable-(blink|features|logging|crash|automation|unsafe)|user-data-dir|.*-(launcher|cmd-prefix)$|ssl-|auth-|log-|net-log|trace-|require$|r$|eval$|e$|import$|app$|type$)/;

/**
 * Decides what this start is for.
 * @throws {UsageError} for a switch that is refused, or a value that is none
 */
export function readArguments(source: ArgumentsSource): WindowArguments | CommandArguments {
  const words = ownWords(source);
  if (source.isRelease) for (const name of switchesIn(words, source.platform)) if (DANGEROUS.test(name)) throw refused(name);
  const { values, positionals, tokens } = parseArgs({ args: [...words], options: OWN, strict: false, allowPositionals: true, tokens: true });
  const names = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
  if (positionals.length > 0 || names.some((name) => COMMAND_SWITCHES.has(name))) return { kind: 'command', words };
  if (source.isRelease) for (const name of switchesIn(words, source.platform)) if (!isKnown(name)) throw refused(name);
  const store = SECRET_STORES.find((kind) => kind === values.secrets) ?? null;
  if (values.secrets !== undefined && store === null) throw new UsageError(`--secrets is one of ${SECRET_STORES.join(', ')}.\n${USAGE}`);
  const profile = values.profile ?? source.env['HOLDFAST_PROFILE'];
  if (profile === '' || typeof profile === 'boolean') throw new UsageError(`--profile needs a directory.\n${USAGE}`);
  const profileDir = profile === undefined ? defaultProfileDirectory() : isAbsolute(profile) ? profile : join(source.cwd, profile);
  return { kind: 'window', profileDir, store };
}

/** Without the program, and in a checkout without the first word, which names the app folder. */
function ownWords({ argv, isRelease }: ArgumentsSource): readonly string[] {
  const words = argv.slice(1);
  const folder = isRelease ? -1 : words.findIndex((word) => !word.startsWith('-'));
  return folder === -1 ? words : words.slice(folder + 1);
}

/** Names as Chromium reads them: after `--`, `-` or, on Windows, `/`; a lone `--` ends them. */
function switchesIn(words: readonly string[], platform: NodeJS.Platform): readonly string[] {
  const end = words.indexOf('--');
  const form = platform === 'win32' ? /^(?:--?|\/)([^=]+)/ : /^--?([^=]+)/;
  return (end === -1 ? words : words.slice(0, end)).flatMap((word) => form.exec(word)?.[1]?.toLowerCase() ?? []);
}

function isKnown(name: string): boolean {
  // macOS adds -psn_… to a start from the Finder.
  return Object.hasOwn(OWN, name) || HARMLESS.has(name) || name.startsWith('psn_');
}

function refused(name: string): UsageError {
  return new UsageError(`Holdfast does not start with the switch ${name}: it could open a way into the program.\n${USAGE}`);
}
