// Turns what the native keychain says into typed errors in plain words; it refuses to guess: what fits no known case is `keychain_failed`.
import { existsSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { ErrorCode } from '#shared/errors.ts';

type KeychainCode = Extract<ErrorCode, `keychain_${string}`>;
type Environment = Readonly<Record<string, string | undefined>>;

const WORDS: Readonly<Record<Exclude<KeychainCode, 'keychain_timed_out' | 'keychain_canary_lost'>, { readonly message: string; readonly hint: string }>> = {
  keychain_no_bus: { message: 'There is no D-Bus session, so no keychain can be reached.', hint: 'Start Holdfast inside a desktop session or under dbus-run-session, or choose the passphrase vault.' },
  keychain_no_service: { message: 'The session bus answers, but no Secret Service or no login keyring stands behind it.', hint: 'Install and start a keyring such as gnome-keyring, or choose the passphrase vault.' },
  keychain_denied: { message: 'The keychain refused this program.', hint: 'Allow Holdfast in the keychain prompt or its access list, then try again.' },
  keychain_locked: { message: 'The keychain is locked.', hint: 'Unlock the login keyring (log in again, or open it in the keyring manager), then try again.' },
  keychain_failed: { message: 'The keychain failed in a way that Holdfast does not know.', hint: 'Run the doctor, look into the log for the cause, or choose the passphrase vault.' },
};

// The messages are all that keytar passes on, no codes. First those that the daemons send and nobody translates, then GLib's own in English:
// in a process that set a locale those may come translated, so a missing bus is also recognised by its missing socket.
const PATTERNS: readonly (readonly [RegExp, KeychainCode & keyof typeof WORDS])[] = [
  [/Rejected send message|AccessDenied|AppArmor policy|access (is )?denied|permission denied/i, 'keychain_denied'],
  [/org\.freedesktop\.secrets was not provided|ServiceUnknown|NameHasNoOwner|activat|Process org\.freedesktop\.secrets exited|not activatable/i, 'keychain_no_service'],
  [/locked collection|is ?locked|prompt was dismissed|interaction is not allowed/i, 'keychain_locked'],
  [/\/org\/freedesktop\/secrets\/(collection|aliases)\//, 'keychain_no_service'],
  [/autolaunch|Could not connect|Error connecting|connection is closed|connection refused|Cannot spawn a message bus|not yet connected/i, 'keychain_no_bus'],
  [/user cancell?ed|passphrase you entered is not correct|not authorized/i, 'keychain_denied'],
];

/** Whether the environment names no session bus that could exist: no address and no default socket, or an address whose socket is gone. Linux only. */
export function busIsMissing(env: Environment, exists: (path: string) => boolean = existsSync): boolean {
  const address = env['DBUS_SESSION_BUS_ADDRESS'];
  if (address === undefined || address === '') {
    const runtimeDir = env['XDG_RUNTIME_DIR'];
    return runtimeDir === undefined || runtimeDir === '' || !exists(`${runtimeDir}/bus`);
  }
  const paths = address.split(';').map((one) => /^unix:(?:.*,)?path=([^,]+)/.exec(one)?.[1]);
  return paths.every((path) => path !== undefined && !exists(unescaped(path)));
}

/** D-Bus addresses percent-encode like URLs; a malformed one names no file. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Which error a native message stands for. */
export function classify(message: string, platform: NodeJS.Platform = process.platform, env: Environment = process.env): KeychainCode & keyof typeof WORDS {
  const found = PATTERNS.find(([pattern]) => pattern.test(message))?.[1];
  if (found !== undefined) return found;
  return platform === 'linux' && busIsMissing(env) ? 'keychain_no_bus' : 'keychain_failed';
}

/** The AppError for a failed call. An AppError (a time-out) passes through. */
export function keychainError(cause: unknown, writes: boolean): AppError {
  if (cause instanceof AppError) return cause;
  const code = classify(cause instanceof Error ? cause.message : String(cause));
  const words = WORDS[code];
  const kept = writes ? 'Nothing was stored or removed; what it holds is still there.' : 'Nothing was changed.';
  return new AppError(code, { message: `${words.message} ${kept}`, hint: words.hint, cause });
}

/** The AppError for a native part that does not load: on Linux that means a missing libsecret. */
export function loadError(cause: unknown): AppError {
  const linux = process.platform === 'linux';
  return new AppError('keychain_no_service', {
    message: `The keychain library could not be loaded${linux ? '; the package libsecret-1-0 seems to be missing' : ''}. Nothing was changed.`,
    hint: linux ? 'Install libsecret-1-0 (Debian: apt-get install libsecret-1-0), or choose the passphrase vault.' : 'Install Holdfast again, or choose the passphrase vault.',
    cause,
  });
}
