// The system clipboard for core; the page itself has no permission to use it.
import { clipboard } from 'electron';
import type { Clipboard } from '#core/ports.ts';
import { AppError } from '#shared/errors.ts';

export const systemClipboard: Clipboard = {
  async write(text) {
    try {
      await clipboard.writeText(text);
    } catch (cause) {
      throw new AppError('busy', { message: 'The clipboard did not take the text. Nothing was copied.', hint: 'Try again in a moment.', cause });
    }
  },
  async read() {
    try {
      return await clipboard.readText();
    } catch {
      // The port says null for "not at this moment"; core tries again.
      return null;
    }
  },
};
