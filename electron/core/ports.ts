// What a host supplies to core. Core imports no host; a test supplies fakes here and nowhere else.
import type { WindowShape } from '#shared/contract/app.ts';
import type { SecretStoreKind } from '#shared/domain/credentials.ts';

/** Where secrets are kept. Every method either does what it says or throws an AppError; `get` gives null only when the store is sure. */
export interface SecretStore {
  readonly kind: SecretStoreKind;
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
}

export interface Clock {
  /** Milliseconds since the epoch, wall clock. */
  now(): number;
  /** Milliseconds that never run backwards. */
  monotonicMs(): number;
  /** Runs once after delayMs; the function returned cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export interface Clipboard {
  write(text: string): Promise<void>;
  /** The text now on the clipboard; null when it cannot be read at this moment. */
  read(): Promise<string | null>;
}

/** One line of the log. `fields` are redacted at the sink; never hand over a revealed secret. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface Paths {
  /** Everything of this profile lives under here (0700). */
  readonly profileDir: string;
  /** Root of the installed program: package.json, licences, the sample. */
  readonly programDir: string;
}

export interface SampleHandle {
  readonly url: string;
  readonly token: string;
  readonly auditKeys: readonly { readonly keyId: string; readonly key: string }[];
}

/** Starts the reference deployment as a child process of the host and stops it with the host. */
export interface Sample {
  start(): Promise<SampleHandle>;
}

/** The host's own window. It may not be there yet, or any more: then it is full. */
export interface WindowPort {
  shape(wanted: { readonly compact: boolean; /** The page can open a floating window itself. */ readonly canFloat: boolean }): Promise<WindowShape>;
}

export interface Ports {
  readonly host: 'electron' | 'chromium' | 'cli';
  readonly clock: Clock;
  readonly paths: Paths;
  readonly log: Log;
  /** The operating system user who acts. */
  readonly actor: string;
  readonly clipboard: Clipboard | null;
  readonly sample: Sample | null;
  /** Absent in a host without a window. */
  readonly window?: WindowPort;
  /** Opens the operating system keychain for one profile. Absent in tests that bring their own stores. */
  readonly keychain: (service: string) => SecretStore;
}

/** How a host asks for the secrets: what the admin said on the command line or in the environment. */
export interface SecretsRequest {
  readonly store: SecretStoreKind | null;
  /** Reads the passphrase when one is needed; null when the host has none to give. */
  readonly passphrase: (() => Promise<string | null>) | null;
}

