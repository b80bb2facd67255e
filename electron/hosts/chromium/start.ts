// Owns the order of a start: Chromium first, because it takes longest, and the program meanwhile; what is imported above must stay small. Where another process may hold the profile, the profile comes first.
import { join } from 'node:path';
import type { PageFiles } from '#core/bridge/page-files.ts';
import { namesHolder } from '#core/db/profile-holder.ts';
import type { HostArguments } from './arguments.ts';
import { startBrowser } from './browser.ts';

export interface StartOptions {
  readonly args: HostArguments;
  /** Absolute path of Chromium. */
  readonly binary: string;
  readonly files: PageFiles;
  readonly programDir: string;
  /** Says something to whoever started the program. */
  readonly say: (text: string) => void;
}

/**
 * Opens the profile and the window, and serves until the window is closed or the process is asked to end.
 * @returns exit code: 0 at the end, or when the window of an earlier start came to the front; 3 when the profile or Chromium cannot be used
 */
export async function start(options: StartOptions): Promise<number> {
  const { profileDir, isHeadless, hasDebugPort } = options.args;
  const launch = (): ReturnType<typeof startBrowser> => startBrowser({ binary: options.binary, windowDir: join(profileDir, 'window'), isHeadless, hasDebugPort });
  // Two starts in the same instant both find nobody here: the lock decides, and the one without it ends its Chromium again.
  const early = namesHolder(profileDir) ? null : launch();
  const { openHost } = await import('./host.ts');
  return openHost(options, { early, launch });
}
