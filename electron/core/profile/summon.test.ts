// Tests of the request to come to the front.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { summonWindow, watchForSummons } from './summon.ts';

const cleanUps: (() => void)[] = [];

function profile(): string {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-summon-'));
  cleanUps.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

describe('summoning the first window', () => {
  it('R45: is heard once by the one that watches, within a second', async () => {
    const profileDir = profile();
    let heard = 0;
    cleanUps.push(watchForSummons(profileDir, () => { heard += 1; }));
    const started = performance.now();
    expect(await summonWindow(profileDir)).toBe(true);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(heard).toBe(1);
  });

  it('says so when nobody answers, and leaves nothing behind', async () => {
    const profileDir = profile();
    expect(await summonWindow(profileDir, 100)).toBe(false);
    expect(existsSync(join(profileDir, 'summon'))).toBe(false);
  });

  it('drops a request from before the window was there', async () => {
    const profileDir = profile();
    writeFileSync(join(profileDir, 'summon'), '');
    let heard = 0;
    cleanUps.push(watchForSummons(profileDir, () => { heard += 1; }));
    expect(await summonWindow(profileDir)).toBe(true);
    expect(heard).toBe(1);
  });

  it('says no where the profile cannot be written', async () => {
    expect(await summonWindow(join(profile(), 'missing'), 100)).toBe(false);
  });
});
