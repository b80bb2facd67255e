// The profile directory as the file system has it: there or not, whose, and who else may read it. It opens no file.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './doctor.ts';

const FOR_OTHERS = 0o077;
const WRITABLE_BY_ALL = 0o002;
/** Deep enough for logs, backups and sessions. */
const DEPTH = 3;
const MANY = 5;

/** Two findings: the directory itself, and the files in it. On Windows access lists rule instead of modes: unknown. */
export function inspectProfile(profileDir: string): Finding[] {
  let stat;
  try {
    stat = lstatSync(profileDir);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return [{ name: 'profile', verdict: 'unknown', words: `${profileDir} is not there yet; the first command that stores something makes it.`, hint: '', code: null }];
    return [{ name: 'profile', verdict: 'fail', words: `${profileDir} cannot be looked at (${code ?? 'unknown reason'}).`, hint: 'Name a directory that you own with --profile.', code: 'profile_unwritable' }];
  }
  if (stat.isSymbolicLink()) return [{ name: 'profile', verdict: 'warn', words: `${profileDir} is a symbolic link; its target was not inspected.`, hint: 'Name the directory itself with --profile.', code: null }];
  if (!stat.isDirectory()) return [{ name: 'profile', verdict: 'fail', words: `${profileDir} is not a directory.`, hint: 'Name a directory with --profile.', code: 'profile_unwritable' }];
  if (process.platform === 'win32') return [{ name: 'profile', verdict: 'unknown', words: `${profileDir}: access is ruled by access lists, which were not read.`, hint: '', code: null }];
  return [directoryFinding(profileDir, stat.mode, stat.uid), filesFinding(profileDir)];
}

function directoryFinding(profileDir: string, mode: number, owner: number): Finding {
  const words = `${profileDir}, mode ${octal(mode)}`;
  if (owner !== process.getuid?.()) return { name: 'profile', verdict: 'warn', words: `${words}, owned by another account (uid ${owner}).`, hint: 'Use a directory of your own.', code: null };
  if ((mode & WRITABLE_BY_ALL) !== 0) return { name: 'profile', verdict: 'fail', words: `${words}: every account may change it.`, hint: 'Run chmod 700 on it.', code: 'profile_unwritable' };
  if ((mode & FOR_OTHERS) !== 0) return { name: 'profile', verdict: 'warn', words: `${words}: other accounts may look into it.`, hint: 'Run chmod 700 on it.', code: null };
  return { name: 'profile', verdict: 'ok', words: `${words}.`, hint: '', code: null };
}

function filesFinding(profileDir: string): Finding {
  const open: string[] = [];
  let seen = 0;
  const visit = (directory: string, prefix: string, depth: number): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      const name = prefix + entry.name;
      const mode = modeOf(path);
      if (mode === null || entry.isSymbolicLink()) continue;
      seen += 1;
      if ((mode & FOR_OTHERS) !== 0) open.push(`${name} (${octal(mode)})`);
      if (entry.isDirectory() && depth < DEPTH) visit(path, `${name}/`, depth + 1);
    }
  };
  try {
    visit(profileDir, '', 1);
  } catch (error) {
    return { name: 'files', verdict: 'unknown', words: `The files of the profile cannot be listed (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}).`, hint: '', code: null };
  }
  if (open.length === 0) return { name: 'files', verdict: 'ok', words: `${seen} in the profile, none open to other accounts.`, hint: '', code: null };
  const more = open.length > MANY ? ` and ${open.length - MANY} more` : '';
  return { name: 'files', verdict: 'warn', words: `Open to other accounts: ${open.slice(0, MANY).join(', ')}${more}.`, hint: 'Run chmod go= on them.', code: null };
}

/** null when it went away meanwhile. */
function modeOf(path: string): number | null {
  try {
    return lstatSync(path).mode;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}
