// What every secret store accepts as a value; it refuses text that a native keychain would cut short or change.

/**
 * Refuses values that do not come back as they went in: the empty string (keytar throws), NUL (libsecret takes C strings and stops there)
 * and lone surrogates (they have no UTF-8 form). Names obey the same rule. Such a value is a bug of the caller, so it throws a plain Error.
 */
export function assertStorable(name: string, value?: string): void {
  for (const text of value === undefined ? [name] : [name, value]) {
    if (text === '' || text.includes('\0') || !text.isWellFormed()) throw new Error('a secret store takes no empty text, no NUL and no lone surrogates');
  }
}
