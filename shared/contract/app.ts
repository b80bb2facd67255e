// Calls about the program itself: its status, its lock and its passphrase.
import { z } from '../zod.ts';
import { call } from './call.ts';

const nothing = z.strictObject({});

/** A passphrase on its way in. Length only; its strength is the admin's. */
export const passphrase = z.string().min(1).max(1024);
export const PASSPHRASE_MIN = 12;

export const appStatus = z.strictObject({
  version: z.string(),
  host: z.enum(['electron', 'chromium', 'cli']),
  profileDir: z.string(),
  /** setup: no store for secrets was chosen yet, or it cannot be used. locked: keys are out of memory. open: serving. */
  state: z.enum(['setup', 'locked', 'open']),
  /** passphrase: unlocking needs it. screen-only: locking hides the screen; anyone using this OS session can open it. */
  lockMode: z.enum(['passphrase', 'screen-only']),
  lockAfterMinutes: z.int(),
  access: z.enum(['write', 'read']),
  /** Why the cache could not be opened, when it could not. */
  problem: z.strictObject({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  cache: z.strictObject({ encrypted: z.boolean(), verifiedAt: z.string().nullable(), bytes: z.int(), /** What does not verify, in one sentence; null while nothing was found. */ damage: z.string().nullable() }).nullable(),
  ledger: z.strictObject({ entries: z.int(), verdict: z.string() }).nullable(),
  network: z.strictObject({ hostsReached: z.int(), refused: z.int(), lastRequestAt: z.string().nullable() }),
});
export type AppStatus = z.infer<typeof appStatus>;

/** full: as the window opens. on-top: small, and kept above other windows. small: small, and this host cannot keep it above others. page: the window stays, and its page may now open one floating window of its own, which the browser keeps above others. */
export const windowShape = z.enum(['full', 'on-top', 'small', 'page']);
export type WindowShape = z.infer<typeof windowShape>;

export const appCalls = {
  'app.status': call({ effect: 'read', whileLocked: true, input: nothing, output: appStatus, errors: [] }),
  'app.about': call({
    effect: 'read', whileLocked: true, input: nothing, errors: [],
    output: z.strictObject({
      version: z.string(), licence: z.string(),
      runtime: z.array(z.strictObject({ name: z.string(), value: z.string() })),
      licences: z.array(z.strictObject({ name: z.string(), version: z.string(), licence: z.string() })),
    }),
  }),
  /** Tells that the admin is active; the idle lock counts from here. */
  'app.touch': call({ effect: 'read', whileLocked: true, input: nothing, output: nothing, errors: [] }),
  /** Makes the window small for a run, or gives it back its place. It lasts until the page is loaded anew. `canFloat`: the page can open a floating window itself. */
  'app.window': call({ effect: 'read', input: z.strictObject({ compact: z.boolean(), canFloat: z.boolean().default(false) }), output: z.strictObject({ shape: windowShape }), errors: ['not_offered'] }),
  'app.lock': call({ effect: 'read', whileLocked: true, input: nothing, output: nothing, errors: [] }),
  'app.unlock': call({ effect: 'read', whileLocked: true, input: z.strictObject({ passphrase: passphrase.optional() }), output: nothing, errors: [] }),
  /** Sets or changes the app passphrase that wraps the database key. */
  'app.setPassphrase': call({ effect: 'write', input: z.strictObject({ current: passphrase.optional(), next: passphrase }), output: nothing, errors: ['passphrase_too_short'] }),
  'app.removePassphrase': call({ effect: 'write', input: z.strictObject({ current: passphrase }), output: nothing, errors: [] }),
} as const;
