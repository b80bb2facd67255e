// Owns the nine fuses of a packaged Electron: switches in the binary that nobody can turn back on without rebuilding it. All are named, on purpose.
import { FuseV1Options, FuseVersion } from '@electron/fuses';

/** Name as in @electron/fuses, and whether it is on. */
export const fuses = Object.freeze({
  // ELECTRON_RUN_AS_NODE would make a signed program run anybody's script.
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  // macOS and Windows; Linux has no such check and relies on how the package was installed.
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  // The page comes from app://, so file:// needs no privileges.
  GrantFileProtocolExtraPrivileges: false,
  // Electron's default: out-of-bounds checks of WebAssembly by the processor. The page has no WebAssembly; off would only make V8 slower.
  WasmTrapHandlers: true,
});

/** @param {{ isAdHocSigned: boolean }} how on macOS a changed binary needs its ad-hoc signature made again */
export function fuseConfig({ isAdHocSigned }) {
  const named = Object.fromEntries(Object.entries(fuses).map(([name, isOn]) => [FuseV1Options[/** @type {keyof typeof fuses} */ (name)], isOn]));
  return /** @type {import('@electron/fuses').FuseConfig} */ ({ version: FuseVersion.V1, strictlyRequireAllFuses: true, resetAdHocDarwinSignature: isAdHocSigned, ...named });
}
