// Preferences of this profile; nothing secret, readable while locked so that the lock screen has the right theme.
import { z } from '../zod.ts';
import { call } from './call.ts';

export const settings = z.strictObject({
  theme: z.enum(['system', 'dark', 'light', 'contrast']),
  times: z.enum(['utc', 'local']),
  lockAfterMinutes: z.int().min(1).max(240),
  /** How long an opened payload stays on the screen, in seconds. */
  hideAfterSeconds: z.int().min(10).max(600),
  /** After how many seconds a copied payload leaves the clipboard. */
  clearClipboardAfterSeconds: z.int().min(5).max(300),
});
export type Settings = z.infer<typeof settings>;

export const DEFAULT_SETTINGS: Settings = { theme: 'system', times: 'utc', lockAfterMinutes: 10, hideAfterSeconds: 60, clearClipboardAfterSeconds: 30 };

export const settingsCalls = {
  'settings.get': call({ effect: 'read', whileLocked: true, input: z.strictObject({}), output: settings, errors: [] }),
  'settings.set': call({ effect: 'write', input: settings.partial(), output: settings, errors: [] }),
} as const;
