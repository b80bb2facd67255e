// A folder that looks like an unpacked Electron to the packer: its binary is a few bytes with a real fuse wire in them. It cannot be run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Marks the fuse wire in Electron's binary (@electron/fuses, constants). */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

/** @param wire one character a fuse, `0` off, `1` on, as Electron ships it */
export function makeElectronStandIn(folder: string, version: string, wire: string): void {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'), { recursive: true });
  const binary = Buffer.concat([Buffer.alloc(64, 0x7f), Buffer.from(SENTINEL, 'latin1'), Buffer.from([1, wire.length]), Buffer.from(wire, 'latin1'), Buffer.alloc(64, 0x7f)]);
  writeFileSync(join(folder, 'electron'), binary, { mode: 0o755 });
  writeFileSync(join(folder, 'version'), version);
  writeFileSync(join(folder, 'LICENSE'), 'stand-in');
  writeFileSync(join(folder, 'LICENSES.chromium.html'), 'stand-in');
  for (const locale of ['en-US', 'en-GB', 'fr']) writeFileSync(join(folder, 'locales', `${locale}.pak`), locale);
}
