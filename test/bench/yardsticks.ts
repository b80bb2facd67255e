// The programs that we are compared with, where they are installed: Python's cryptography, the sqlite3 command line and OpenSSL.
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

export const yardsticks = { python: has('python3', ['-c', 'import cryptography']), sqlite: has('sqlite3', ['--version']), openssl: has('openssl', ['version']) } as const;

function has(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

const PYTHON = `
import sys, time
from cryptography.fernet import Fernet
lines = sys.stdin.buffer.read().split(b"\\n")
box, tokens = Fernet(lines[0]), [line for line in lines[1:] if line]
start = time.perf_counter()
for token in tokens:
    box.decrypt(token)
print(len(tokens) / (time.perf_counter() - start))
`;

/** Tokens a second that Python's cryptography opens, timed inside Python. */
export function pythonFernet(key: string, tokens: readonly string[]): number {
  return Number(execFileSync('python3', ['-c', PYTHON], { input: [key, ...tokens].join('\n'), encoding: 'utf8', maxBuffer: 1 << 20 }));
}

/** Imports a CSV without a header into a new plain database in WAL mode, with the columns of an export. */
export function sqliteImport(csv: string, database: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(database + end, { force: true });
  execFileSync('sqlite3', [database, 'PRAGMA journal_mode = wal;',
    'CREATE TABLE audit (id INTEGER, route TEXT, method TEXT, event_type TEXT, org_key TEXT, actor_sub TEXT, actor_email TEXT, resource_id TEXT, status_code INTEGER, created_at TEXT, payload TEXT, payload_encoding TEXT);',
    '.mode csv', `.import ${csv} audit`], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Operations a second of OpenSSL on one core. @param what for example ['-evp', 'sha256'] */
export function opensslSpeed(what: readonly string[], bytes: number): number {
  const output = execFileSync('openssl', ['speed', '-mr', '-elapsed', '-seconds', '2', '-bytes', String(bytes), ...what], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  // +F:<index>:<name>:<bytes a second>
  const line = output.split('\n').findLast((each) => each.startsWith('+F:'));
  const bytesASecond = Number(line?.split(':').at(-1));
  if (!(bytesASecond > 0)) throw new Error(`openssl speed said: ${output}`);
  return bytesASecond / bytes;
}
