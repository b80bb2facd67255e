// What Chromium may do on this machine besides showing the window: nothing. No network, no crash reports, no data outside the profile. To be called before Electron is ready.
import { mkdirSync } from 'node:fs';
import { app } from 'electron';

/** Every name and address resolves to nothing; what calls home by itself is off. Core's own requests go through Node and are not concerned. */
const SWITCHES: readonly (readonly [name: string, value?: string])[] = [
  ['host-resolver-rules', 'MAP * ~NOTFOUND'],
  ['disable-background-networking'],
  ['disable-component-update'],
  ['disable-domain-reliability'],
  ['disable-quic'],
  ['no-pings'],
  ['no-proxy-server'],
  // A crash dump could hold a decrypted payload.
  ['disable-breakpad'],
  ['disable-crash-reporter'],
  // The keychain is core's business; Chromium keeps nothing that needs one.
  ['password-store', 'basic'],
  // After a lock no earlier document may wait for its return.
  ['disable-features', 'BackForwardCache,SpareRendererForSitePerProcess,Translate,MediaRouter,OptimizationHints'],
];

/** @param folder for whatever Chromium writes down, made here (0700) */
export function confineChromium(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, value] of SWITCHES) app.commandLine.appendSwitch(name, value);
  for (const path of ['userData', 'sessionData', 'crashDumps', 'logs']) app.setPath(path, folder);
}
