// Names of the places where secrets may live. Without a schema, so that the words of a command line can be read before anything is loaded.
export const SECRET_STORES = ['keychain', 'passphrase', 'memory'] as const;
