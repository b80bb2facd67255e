// Owns the log of a profile: lines of JSON in logs/, redacted, readable by their owner alone, bounded in size. It never lets a failure to log stop the work.
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Log } from '../ports.ts';
import { redact } from '../redaction.ts';

export interface LogFileOptions {
  readonly profileDir: string;
  readonly clock: Pick<Clock, 'now'>;
  /** A file that would grow beyond this is put aside first. */
  readonly maxBytes?: number;
  /** How many files are kept that were put aside. */
  readonly kept?: number;
}

const NAME = 'holdfast.log';

export function logFilePath(profileDir: string): string {
  return join(profileDir, 'logs', NAME);
}

/** Opens the log of a profile, making logs/ (0700) with the first line. Each line: `{"at","level","message",…fields}`. */
export function openLogFile({ profileDir, clock, maxBytes = 1_048_576, kept = 3 }: LogFileOptions): Log {
  const path = logFilePath(profileDir);

  function write(level: 'info' | 'error', message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const line = `${JSON.stringify(redact({ at: new Date(clock.now()).toISOString(), level, message, ...fields }))}\n`;
    try {
      append(line);
    } catch {
      // Disk full, read-only or gone: what the admin does goes on, and core reports the disk by itself.
    }
  }

  function append(line: string): void {
    mkdirSync(join(profileDir, 'logs'), { recursive: true, mode: 0o700 });
    let fd = openSync(path, 'a', 0o600);
    try {
      if (fstatSync(fd).size + Buffer.byteLength(line) > maxBytes) {
        closeSync(fd);
        putAside();
        fd = openSync(path, 'a', 0o600);
      }
      writeSync(fd, line);
    } finally {
      closeSync(fd);
    }
  }

  function putAside(): void {
    for (let number = kept - 1; number >= 1; number -= 1) renameIfThere(`${path}.${number}`, `${path}.${number + 1}`);
    renameIfThere(path, `${path}.1`);
  }

  return {
    info: (message, fields) => write('info', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
