// What the command line and the environment say about secrets: which store, and where the passphrase comes from; it keeps no passphrase.
import { existsSync, statSync } from 'node:fs';
import type { SecretsRequest } from '#core/ports.ts';
import { passphraseFromFile, PASSPHRASE_VARIABLE } from '#core/profile/passphrase-file.ts';
import { profileFilePath } from '#core/profile/profile-file.ts';
import { PASSPHRASE_MIN } from '#shared/contract/app.ts';
import type { SecretStoreKind } from '#shared/domain/credentials.ts';
import { AppError } from '#shared/errors.ts';
import type { Io, Notes } from './io.ts';
import { askHidden } from './stdin.ts';

const READABLE_BY_OTHERS = 0o044;

export interface SecretsSource {
  readonly store: SecretStoreKind | null;
  readonly profileDir: string;
  readonly io: Io;
  readonly notes: Notes;
}

/** The request for core. The passphrase is read only when core asks for it: from the file, else from the terminal, else not at all. */
export function secretsRequest({ store, profileDir, io, notes }: SecretsSource): SecretsRequest {
  if (store === 'memory') notes.add('Secrets are kept in memory only: what this command stores ends with it, and its cache cannot be read afterwards.');
  const fromFile = passphraseFromFile(io.env);
  return {
    store,
    async passphrase() {
      if (fromFile !== null) {
        if (isReadableByOthers(io.env[PASSPHRASE_VARIABLE] ?? '')) notes.add(`Warning: others on this machine may read the file in ${PASSPHRASE_VARIABLE}. Run chmod 600 on it.`);
        const given = await fromFile();
        const isNew = !existsSync(profileFilePath(profileDir));
        if (isNew && given !== null && [...given].length < PASSPHRASE_MIN) notes.add(`Warning: the passphrase of this new vault has fewer than ${PASSPHRASE_MIN} characters. A longer one is safer.`);
        return given;
      }
      if (io.stdin.isTTY !== true) return null;
      return existsSync(profileFilePath(profileDir)) ? askHidden(io, 'Passphrase of this profile (not shown): ') : askTwice(io);
    },
  };
}

async function askTwice(io: Io): Promise<string> {
  const first = await askHidden(io, 'New passphrase for this profile (not shown): ');
  const second = await askHidden(io, 'The same once more: ');
  if (first === second) return first;
  throw new AppError('wrong_passphrase', { message: 'The two passphrases differ. Nothing was made.', hint: 'Run the command again and type the same passphrase twice.' });
}

/** False for what has no modes (Windows, a pipe) and for what is not there: reading it says why. */
function isReadableByOthers(path: string): boolean {
  const stat = process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && (stat.mode & READABLE_BY_OTHERS) !== 0;
}
