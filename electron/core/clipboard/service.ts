// Copying to the clipboard for a while: the text is taken away again, but only while it is still ours.
import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import type { Clipboard, Clock } from '../ports.ts';

/** The clipboard cannot always be read at once (another window has the focus); try again this often and this many times. */
const RETRY_MS = 5_000;
const RETRIES = 60;

export interface ClipboardService {
  copy(text: string, clearAfterSeconds: number): Promise<void>;
  /** Clears at once what is still ours: at lock and at exit. */
  clearNow(): Promise<void>;
}

export function createClipboardService({ clipboard, clock }: { clipboard: Clipboard | null; clock: Clock }): ClipboardService {
  let ours: string | null = null;
  let cancel: () => void = () => undefined;

  const digest = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

  /** True when nothing of ours is left there. */
  async function clear(): Promise<boolean> {
    if (clipboard === null || ours === null) return true;
    const now = await clipboard.read();
    if (now === null) return false;
    if (digest(now) === ours) await clipboard.write('');
    ours = null;
    return true;
  }

  function schedule(delayMs: number, retries: number): void {
    cancel();
    cancel = clock.after(delayMs, () => {
      clear().catch(() => false).then((done) => {
        if (!done && retries > 0) schedule(RETRY_MS, retries - 1);
      });
    });
  }

  return {
    async copy(text, clearAfterSeconds) {
      if (clipboard === null) throw new AppError('not_offered', { message: 'This host has no clipboard. Nothing was copied.', hint: 'Use the window.' });
      await clipboard.write(text);
      ours = digest(text);
      schedule(clearAfterSeconds * 1000, RETRIES);
    },
    async clearNow() {
      cancel();
      await clear().catch(() => false);
    },
  };
}
