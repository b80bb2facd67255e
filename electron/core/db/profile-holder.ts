// Where the holder of a profile leaves its name. It loads nothing else, so that a host can look before it has loaded anything; only the lock decides.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const HOLDER_FILE = 'profile.holder';

/** Whether somebody says to hold this profile. A killed holder leaves its name behind, and who is just taking the lock has not left it yet. */
export function namesHolder(profileDir: string): boolean {
  return existsSync(join(profileDir, HOLDER_FILE));
}
