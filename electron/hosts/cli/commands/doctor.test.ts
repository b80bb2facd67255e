// Tests of the doctor's verdicts: nothing unproven is ok, and a failure carries a code.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppStatus } from '#shared/contract/app.ts';
import { KEYCHAIN_STATES, KEYCHAIN_WORDS } from '#shared/domain/credentials.ts';
import type { CredentialsStatus } from '#shared/domain/credentials.ts';
import type { LedgerVerdict } from '#shared/domain/ledger.ts';
import { databaseFinding, keychainFinding, ledgerFinding, secretsFinding } from './doctor.ts';
import { inspectProfile } from './doctor-profile.ts';

const credentials = (change: Partial<CredentialsStatus>): CredentialsStatus => ({ store: 'keychain', keychain: 'working', words: { ...KEYCHAIN_WORDS.working }, checkedAt: null, ...change });
const STATUS: AppStatus = { version: '1', host: 'cli', profileDir: '/p', state: 'open', lockMode: 'screen-only', lockAfterMinutes: 10, access: 'read', problem: null, cache: { encrypted: true, verifiedAt: null, bytes: 4096, damage: null }, ledger: null, network: { hostsReached: 0, refused: 0, lastRequestAt: null } };
const VERDICT: LedgerVerdict = { verdict: 'intact', entries: 3, headDigest: null, rememberedEntries: 3, firstBrokenSeq: null, message: 'All good.', limits: '' };

describe('the doctor', () => {
  it('R26: gives each of the seven keychain states its words, and ok to the working one alone', () => {
    for (const state of KEYCHAIN_STATES) {
      const finding = keychainFinding(credentials({ keychain: state, words: { ...KEYCHAIN_WORDS[state] } }));
      expect(finding.words).toContain(KEYCHAIN_WORDS[state].title);
      expect(finding.verdict).toBe(state === 'working' ? 'ok' : 'fail');
      expect(finding.code === null).toBe(state === 'working');
    }
    expect(keychainFinding(credentials({ store: null, keychain: 'no-bus' })).verdict).toBe('warn');
    expect(keychainFinding(credentials({ store: 'passphrase', keychain: null })).verdict).toBe('unknown');
  });

  it('does not call secrets fine while the profile could not be opened with them', () => {
    const problem = { code: 'wrong_passphrase', message: 'Wrong.', hint: 'Again.' };
    expect(secretsFinding(credentials({ store: 'passphrase', keychain: null }), problem)).toMatchObject({ verdict: 'fail', code: 'wrong_passphrase', hint: 'Again.' });
    expect(secretsFinding(credentials({ store: null, keychain: null }), null).verdict).toBe('unknown');
    expect(secretsFinding(credentials({ store: 'memory', keychain: null }), null).verdict).toBe('warn');
    expect(secretsFinding(credentials({}), null).verdict).toBe('ok');
  });

  it('tells a damaged database from one whose key could not be had', () => {
    expect(databaseFinding(STATUS)).toMatchObject({ verdict: 'ok' });
    expect(databaseFinding({ ...STATUS, problem: { code: 'database_corrupt', message: 'Damaged.', hint: 'Do.' } })).toMatchObject({ verdict: 'fail', code: 'database_corrupt', hint: 'Do.' });
    expect(databaseFinding({ ...STATUS, cache: null, problem: { code: 'keychain_locked', message: 'Locked.', hint: '' } }).verdict).toBe('unknown');
    expect(databaseFinding({ ...STATUS, cache: null }).verdict).toBe('unknown');
    expect(databaseFinding({ ...STATUS, cache: { encrypted: false, verifiedAt: null, bytes: 1, damage: null } }).verdict).toBe('fail');
    expect(databaseFinding({ ...STATUS, cache: { encrypted: true, verifiedAt: null, bytes: 1, damage: 'A page is damaged.' } })).toMatchObject({ verdict: 'fail', code: 'database_corrupt', words: 'A page is damaged.' });
  });

  it('R57: a broken or cut ledger fails, one that was not verified is unknown', () => {
    expect(ledgerFinding(VERDICT).verdict).toBe('ok');
    expect(ledgerFinding({ ...VERDICT, verdict: 'intact-head-behind' }).verdict).toBe('ok');
    expect(ledgerFinding({ ...VERDICT, verdict: 'head-unknown' }).verdict).toBe('warn');
    for (const verdict of ['broken', 'tail-removed'] as const) expect(ledgerFinding({ ...VERDICT, verdict })).toMatchObject({ verdict: 'fail', code: 'ledger_broken' });
    expect(ledgerFinding({ code: 'setup_needed', message: 'Not open.', hint: '', id: 'x' }).verdict).toBe('unknown');
  });
});

describe.runIf(process.platform !== 'win32')('the profile directory', () => {
  let profile: string;
  beforeEach(() => { profile = mkdtempSync(join(tmpdir(), 'holdfast-doctor-')); });
  afterEach(() => rmSync(profile, { recursive: true, force: true }));

  it('R30: is ok at 0700 with closed files, and warned about where others may look', () => {
    writeFileSync(join(profile, 'cache.db'), '', { mode: 0o600 });
    expect(inspectProfile(profile).map((finding) => finding.verdict)).toEqual(['ok', 'ok']);
    chmodSync(profile, 0o755);
    mkdirSync(join(profile, 'logs'), { mode: 0o700 });
    writeFileSync(join(profile, 'logs', 'a.log'), '');
    chmodSync(join(profile, 'logs', 'a.log'), 0o644);
    const [directory, files] = inspectProfile(profile);
    expect(directory).toMatchObject({ verdict: 'warn' });
    expect(files).toMatchObject({ verdict: 'warn' });
    expect(files?.words).toContain('logs/a.log (0644)');
  });

  it('fails when every account may change it, and when it is no directory', () => {
    chmodSync(profile, 0o777);
    expect(inspectProfile(profile)[0]).toMatchObject({ verdict: 'fail', code: 'profile_unwritable' });
    const path = join(profile, 'file');
    writeFileSync(path, '');
    expect(inspectProfile(path)).toMatchObject([{ verdict: 'fail' }]);
    symlinkSync(profile, join(profile, 'link'));
    expect(inspectProfile(join(profile, 'link'))).toMatchObject([{ verdict: 'warn' }]);
    expect(inspectProfile(join(profile, 'absent'))).toMatchObject([{ verdict: 'unknown' }]);
  });
});
