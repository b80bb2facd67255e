// Tests of the profile's log: what a line holds, what is redacted, how files are put aside, and that a failing disk stops nothing.
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../secret.ts';
import { logFilePath, openLogFile } from './log-file.ts';

const made: string[] = [];
const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5) };

function profile(): string {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-log-'));
  made.push(dir);
  return dir;
}

afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

describe('the log of a profile', () => {
  it('writes one JSON document a line', () => {
    const profileDir = profile();
    openLogFile({ profileDir, clock }).info('call refused', { code: 'not_found' });
    expect(JSON.parse(readFileSync(logFilePath(profileDir), 'utf8'))).toEqual({ at: '2026-01-02T03:04:05.000Z', level: 'info', message: 'call refused', code: 'not_found' });
  });

  it('R30: keeps its files to their owner', () => {
    const profileDir = profile();
    openLogFile({ profileDir, clock }).error('x');
    expect(statSync(logFilePath(profileDir)).mode & 0o777).toBe(0o600);
    expect(statSync(join(profileDir, 'logs')).mode & 0o777).toBe(0o700);
  });

  it('R25: holds no secret, whether it is typed, named or looks like one', () => {
    const profileDir = profile();
    openLogFile({ profileDir, clock }).error('sent Bearer eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYWRtaW4ifQ.c2lnbmF0dXJl', { held: new Secret('canary-one'), token: 'canary-two', deep: { passphrase: 'canary-three' } });
    const text = readFileSync(logFilePath(profileDir), 'utf8');
    expect(text).not.toMatch(/canary|eyJ/);
    expect(text.match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(4);
  });

  it('puts full files aside and forgets the oldest', () => {
    const profileDir = profile();
    const log = openLogFile({ profileDir, clock, maxBytes: 200, kept: 2 });
    for (let number = 0; number < 20; number += 1) log.info(`line ${number}`);
    expect(readdirSync(join(profileDir, 'logs')).sort()).toEqual(['holdfast.log', 'holdfast.log.1', 'holdfast.log.2']);
    expect(readFileSync(logFilePath(profileDir), 'utf8')).toContain('line 19');
    for (const name of readdirSync(join(profileDir, 'logs'))) expect(statSync(join(profileDir, 'logs', name)).size).toBeLessThanOrEqual(200);
  });

  it('lets the work go on where nothing can be written', () => {
    const profileDir = profile();
    writeFileSync(join(profileDir, 'logs'), 'a file where the folder should be');
    chmodSync(profileDir, 0o500);
    expect(() => openLogFile({ profileDir, clock }).error('x')).not.toThrow();
    chmodSync(profileDir, 0o700);
  });
});
