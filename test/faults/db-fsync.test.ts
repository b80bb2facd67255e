import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startChild } from './children/db-processes.ts';
import { makeScratch } from './children/db-profile.ts';
import type { Scratch } from './children/db-profile.ts';

const COMMITS = 100;
/** Kill -9 says nothing about a power cut: the kernel keeps what was written. Only the order of system calls does. */
const canTrace = process.platform === 'linux' && spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0;

let scratch: Scratch;
beforeEach(() => {
  scratch = makeScratch();
});
afterEach(() => scratch.remove());

describe('flushing to disk', () => {
  it.skipIf(!canTrace)(`R37: each of ${COMMITS} commits is flushed to the write-ahead log before it is acknowledged${canTrace ? '' : ': skipped, strace is missing or may not trace'}`, { timeout: 60_000 }, async () => {
    const trace = join(scratch.dir, 'trace');
    const child = startChild('db-writer', [scratch.path, scratch.keyHex, String(COMMITS)], ['strace', '-f', '-y', '-e', 'trace=fsync,fdatasync,write', '-o', trace]);
    await child.ended;
    expect(child.lines).toHaveLength(COMMITS);
    let flushes = 0;
    let acknowledged = 0;
    const unflushed: number[] = [];
    for (const line of readFileSync(trace, 'utf8').split('\n')) {
      if (/f(data)?sync\(\d+<[^>]*cache\.db-wal>\)\s+= 0/.test(line)) flushes += 1;
      const acknowledgement = /write\(1<[^>]*>, "(\d+)\\n"/.exec(line);
      if (!acknowledgement) continue;
      acknowledged += 1;
      if (flushes === 0) unflushed.push(Number(acknowledgement[1]));
      flushes = 0;
    }
    expect(acknowledged).toBe(COMMITS);
    expect(unflushed).toEqual([]);
  });

  it.skipIf(!canTrace)(`R37: a new database is flushed before it gets its name, and the name after it${canTrace ? '' : ': skipped, strace is missing or may not trace'}`, { timeout: 60_000 }, async () => {
    const trace = join(scratch.dir, 'trace');
    const child = startChild('db-writer', [scratch.path, scratch.keyHex, '1'], ['strace', '-f', '-y', '-e', 'trace=fsync,fdatasync,rename,write', '-o', trace]);
    await child.ended;
    const lines = readFileSync(trace, 'utf8').split('\n');
    const named = lines.findIndex((line) => line.includes('rename(') && line.includes('cache.db.new"'));
    expect(named).toBeGreaterThan(0);
    const lastContentFlush = lines.findLastIndex((line, index) => index < named && /sync\(\d+<[^>]*cache\.db\.new>\)\s+= 0/.test(line));
    expect(lastContentFlush).toBeGreaterThanOrEqual(0);
    const folderFlush = lines.findIndex((line, index) => index > named && line.includes(`<${scratch.dir}>)`) && /sync\(/.test(line));
    expect(folderFlush).toBeGreaterThan(named);
    // The log is a new file too: its name must be on disk before the first commit in it counts.
    const logFlush = lines.findIndex((line, index) => index > named && /sync\(\d+<[^>]*cache\.db-wal>\)\s+= 0/.test(line));
    const nameOfLogFlush = lines.findIndex((line, index) => index > folderFlush && line.includes(`<${scratch.dir}>)`) && /sync\(/.test(line));
    const acknowledged = lines.findIndex((line) => line.includes('"1\\n"'));
    expect(logFlush).toBeGreaterThan(named);
    expect(nameOfLogFlush).toBeGreaterThan(folderFlush);
    expect(nameOfLogFlush).toBeLessThan(acknowledged);
  });
});
