import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireProfileLock, readProfileHolder } from '#core/db/profile-lock.ts';
import { startChild } from './children/db-processes.ts';
import type { Child } from './children/db-processes.ts';
import { isLong, makeScratch } from './children/db-profile.ts';
import type { Scratch } from './children/db-profile.ts';

const STARTS = isLong ? 50 : 10;

let scratch: Scratch;
let children: Child[];
beforeEach(() => {
  scratch = makeScratch();
  children = [];
});
afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.map((child) => child.ended));
  scratch.remove();
});

function start(): Child {
  const child = startChild('db-lock-holder', [scratch.dir]);
  children.push(child);
  return child;
}

describe('the lock of a profile', () => {
  it(`R45: of ${STARTS} processes that start at once exactly one becomes the writer, and its name can be read`, { timeout: 120_000 }, async () => {
    for (let index = 0; index < STARTS; index += 1) start();
    await Promise.all(children.map((child) => child.printed(1)));
    const holders = children.filter((child) => child.lines[0] === 'held');
    expect(holders).toHaveLength(1);
    expect(readProfileHolder(scratch.dir)).toEqual({ pid: holders[0]?.process.pid, host: 'cli' });
    expect(acquireProfileLock(scratch.dir, 'cli')).toBeNull();
  });

  it('R45: kill -9 of the holder frees it at once', async () => {
    const holder = start();
    await holder.printed(1);
    expect(acquireProfileLock(scratch.dir, 'electron')).toBeNull();
    holder.process.kill('SIGKILL');
    await holder.ended;
    const lock = acquireProfileLock(scratch.dir, 'electron');
    expect(lock).not.toBeNull();
    expect(readProfileHolder(scratch.dir)).toEqual({ pid: process.pid, host: 'electron' });
    lock?.release();
  });

  it('R45, R30: released, it lets the next one in; nothing is stored and the files are private', async () => {
    const lock = acquireProfileLock(scratch.dir, 'chromium');
    expect(acquireProfileLock(scratch.dir, 'chromium'), 'a second time in the same process').toBeNull();
    expect(statSync(join(scratch.dir, 'profile.lock')).size).toBe(0);
    for (const name of readdirSync(scratch.dir)) expect(statSync(join(scratch.dir, name)).mode & 0o777, name).toBe(0o600);
    lock?.release();
    lock?.release();
    expect(readProfileHolder(scratch.dir)).toBeNull();
    const next = start();
    await next.printed(1);
    expect(next.lines).toEqual(['held']);
    next.process.stdin.end();
    expect(await next.ended).toBe('0');
  });
});
