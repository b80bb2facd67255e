// The passphrase vault as the product uses it: scrypt at N = 2^17 and nothing less; it refuses to exist without a passphrase.
import { deriveWithScrypt } from './kdf.ts';
import { vaultEngine } from './vault-engine.ts';

export type { Vault } from './vault-engine.ts';
export { vaultExists } from './vault-file.ts';

const engine = vaultEngine(deriveWithScrypt);

/**
 * Creates an empty vault file (0600) and opens it. About 0.4 s, off the main thread.
 * Throws AppError `invalid_input` when there is already a file, `disk_full`, `profile_unwritable`.
 */
export const createVault = engine.createVault;

/** Opens the vault. Throws AppError `wrong_passphrase`, `vault_damaged` (gone, cut short, changed), `profile_unwritable`. */
export const openVault = engine.openVault;

/**
 * Seals the same secrets under a new passphrase and a new salt; the file is replaced whole or left as it was.
 * Stores opened before throw `passphrase_required` from then on. Throws as `openVault`, and `busy` when another process wrote meanwhile.
 */
export const changeVaultPassphrase = engine.changeVaultPassphrase;
