// Owns the last change of a packed program before it is signed: the fuses, and on Linux the launcher; refuses to go on when a fuse cannot be set.
import { chmodSync, copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { flipFuses } from '@electron/fuses';
import { fuseConfig } from './fuses.mjs';
import { inTree } from './tree.mjs';

/**
 * electron-builder's hook.
 * @param {{ appOutDir: string, electronPlatformName: string, packager: { executableName: string, appInfo: { productFilename: string } } }} packed
 */
export async function afterPack({ appOutDir, electronPlatformName, packager }) {
  const { executableName, appInfo } = packager;
  const isMac = electronPlatformName === 'darwin';
  const isWindows = electronPlatformName === 'win32';
  const binary = join(appOutDir, isMac ? `${appInfo.productFilename}.app` : isWindows ? `${appInfo.productFilename}.exe` : executableName);
  await flipFuses(binary, fuseConfig({ isAdHocSigned: isMac }));
  if (isMac || isWindows) return;
  renameSync(binary, `${binary}-bin`);
  copyFileSync(inTree('build', 'linux', 'holdfast'), binary);
  chmodSync(binary, 0o755);
}
