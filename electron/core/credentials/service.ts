// The admin's choices about secrets: which store, which passphrase. Moving secrets is copy, read back, and only then remove.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PASSPHRASE_MIN } from '#shared/contract/app.ts';
import type { CredentialsStatus, SecretStoreKind } from '#shared/domain/credentials.ts';
import { AppError } from '#shared/errors.ts';
import type { LedgerService } from '../ledger/service.ts';
import type { Ports, SecretStore } from '../ports.ts';
import { keyFromStore, keyToStore } from '../profile/database-key.ts';
import type { Secret } from '../secret.ts';
import type { Session } from '../session.ts';
import { plantCanary } from './canary.ts';
import { moveSecrets } from './move.ts';
import { DATABASE_KEY_NAME, LEDGER_HEAD_NAME } from './names.ts';
import { changeVaultPassphrase, createVault } from './passphrase-vault.ts';

export interface CredentialsService {
  status(): CredentialsStatus;
  check(): Promise<CredentialsStatus>;
  choose(store: SecretStoreKind, passphrase: Secret | null): Promise<CredentialsStatus>;
  /** Sets or changes the passphrase that opens this profile. */
  setPassphrase(current: Secret | null, next: Secret): Promise<void>;
  removePassphrase(current: Secret): Promise<void>;
}

export function createCredentialsService({ session, ledger, ports }: { session: Session; ledger: LedgerService; ports: Ports }): CredentialsService {
  const vaultPath = join(ports.paths.profileDir, 'vault.json');

  function requireLength(passphrase: Secret): void {
    if ([...passphrase.reveal()].length < PASSPHRASE_MIN) throw new AppError('passphrase_too_short', { message: `The passphrase has fewer than ${PASSPHRASE_MIN} characters. Nothing was changed.`, hint: 'Use a longer one, for example five random words.' });
  }

  /** Every secret of this profile by name. The index lies in the cache; the two names that open the cache are fixed. */
  function names(): string[] {
    return [...new Set([DATABASE_KEY_NAME, LEDGER_HEAD_NAME, ...session.secretNames()])];
  }

  /** While the profile names another place, a vault here is what an interrupted move left: kept under another name, never overwritten. */
  function setAsideLeftover(): void {
    if (session.profile().store !== 'passphrase' && existsSync(vaultPath)) renameSync(vaultPath, `${vaultPath}.leftover-${ports.clock.now()}`);
  }

  async function move(from: SecretStore, wanted: SecretStoreKind, passphrase: Secret | null): Promise<void> {
    if (wanted === 'memory') throw new AppError('invalid_input', { message: 'A profile with a cache cannot become memory-only: its key would be lost at exit. Nothing was changed.', hint: 'Start a new profile with --profile and choose memory-only there.' });
    if (session.profile().passphraseSet) throw new AppError('invalid_input', { message: 'An app passphrase is set. Nothing was changed.', hint: 'Remove the app passphrase first, then change the place.' });
    if (wanted === 'passphrase') {
      if (passphrase === null) throw new AppError('passphrase_required', { message: 'The passphrase vault needs a passphrase. Nothing was changed.', hint: 'Enter one.' });
      requireLength(passphrase);
      setAsideLeftover();
      const to = await createVault(vaultPath, passphrase);
      let confirmed = false;
      try {
        // The profile names the new place before the old one is emptied: a crash between the two loses nothing.
        await moveSecrets({ from, to, names: names(), confirmed: () => {
          session.saveProfile({ store: 'passphrase', canaryPlanted: false });
          confirmed = true;
        } });
      } finally {
        to.close();
        if (!confirmed) rmSync(vaultPath, { force: true });
      }
    } else {
      if (await session.probeKeychain() !== 'working') throw new AppError('keychain_failed', { message: 'The keychain is not working, so nothing was moved.', hint: 'See its state in Settings.' });
      const to = ports.keychain(`Holdfast ${session.profile().profileId}`);
      await plantCanary(to);
      await moveSecrets({ from, to, names: names(), confirmed: () => session.saveProfile({ store: 'keychain', canaryPlanted: true }) });
      if (existsSync(vaultPath)) rmSync(vaultPath);
    }
    await session.reopen(wanted, passphrase);
  }

  async function storedKey(passphrase: Secret | null): Promise<Secret<Buffer>> {
    const text = await session.secrets().get(DATABASE_KEY_NAME);
    if (text === null) throw new AppError('secret_missing', { message: 'The database key is not in the secret store. Nothing was changed.', hint: 'Lock and unlock, or restart.' });
    const key = await keyFromStore(text, passphrase);
    if (key === null) throw new AppError('passphrase_required', { message: 'The current passphrase is needed. Nothing was changed.', hint: 'Enter it.' });
    return key;
  }

  /** Replaces the stored key and reads it back before it counts. */
  async function replaceKey(key: Secret<Buffer>, passphrase: Secret | null): Promise<void> {
    const store = session.secrets();
    const before = await store.get(DATABASE_KEY_NAME);
    await store.set(DATABASE_KEY_NAME, await keyToStore(key, passphrase));
    const text = await store.get(DATABASE_KEY_NAME);
    const back = text === null ? null : await keyFromStore(text, passphrase);
    if (back?.reveal().equals(key.reveal()) === true) return;
    if (before !== null) await store.set(DATABASE_KEY_NAME, before);
    throw new AppError('keychain_failed', { message: 'The new form of the key could not be read back. The old one was put back.', hint: 'Check the keychain, then try again.' });
  }

  async function rewrap(current: Secret | null, next: Secret | null): Promise<void> {
    const key = await storedKey(current);
    try {
      await replaceKey(key, next);
    } finally {
      key.reveal().fill(0);
    }
  }

  return {
    status: () => session.credentials(),
    async check() {
      if (session.credentials().store !== 'passphrase' && session.credentials().store !== 'memory') await session.probeKeychain();
      return session.credentials();
    },
    async choose(wanted, passphrase) {
      const current = session.credentials().store;
      if (session.state() === 'open' && current !== null) {
        if (current === wanted) return session.credentials();
        if (current === 'memory') throw new AppError('invalid_input', { message: 'This session is memory-only. Nothing was changed.', hint: 'Restart Holdfast and choose another place; what was entered here is not kept.' });
        session.write();
        await move(session.secrets(), wanted, passphrase);
        await ledger.append({ action: 'credentials.chosen', deployment: null, subject: wanted, outcome: `moved from ${current}` });
        return session.credentials();
      }
      if (wanted === 'passphrase' && passphrase !== null && session.profile().store === null) requireLength(passphrase);
      await session.choose(wanted, passphrase);
      if (session.state() === 'open') await ledger.append({ action: 'credentials.chosen', deployment: null, subject: wanted, outcome: 'chosen' });
      return session.credentials();
    },
    async setPassphrase(current, next) {
      requireLength(next);
      const kind = session.credentials().store;
      if (kind === 'memory') throw new AppError('invalid_input', { message: 'A memory-only session has nothing that a passphrase could protect.', hint: 'Choose the keychain or the passphrase vault.' });
      session.write();
      if (kind === 'passphrase') {
        if (current === null) throw new AppError('passphrase_required', { message: 'The current passphrase is needed. Nothing was changed.', hint: 'Enter it.' });
        await changeVaultPassphrase({ path: vaultPath, current, next });
        await session.reopen('passphrase', next);
        return;
      }
      await rewrap(current, next);
      session.saveProfile({ passphraseSet: true });
    },
    async removePassphrase(current) {
      if (session.credentials().store !== 'keychain') throw new AppError('invalid_input', { message: 'The vault cannot be without its passphrase. Nothing was changed.', hint: 'Move the secrets to the keychain first.' });
      session.write();
      await rewrap(current, null);
      session.saveProfile({ passphraseSet: false });
    },
  };
}
