// Where the profile lies when nobody names one: the place that each operating system sets aside for a program's data. One rule for every host.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Linux: XDG_DATA_HOME or ~/.local/share (XDG Base Directory Specification: a relative value is ignored). macOS: Application Support.
 * Windows: LOCALAPPDATA, because the keychain entry does not roam either.
 */
export function defaultProfileDirectory({ platform, home, env }: Surroundings = { platform: process.platform, home: homedir(), env: process.env }): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Holdfast');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Holdfast');
  const data = env['XDG_DATA_HOME'];
  return join(data !== undefined && isAbsolute(data) ? data : join(home, '.local', 'share'), 'holdfast');
}
