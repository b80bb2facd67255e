// How the preload script is built: one CommonJS file, the only form that Electron's sandbox loads.
import { defineConfig } from 'vite';
import { nodeBundle } from './electron.vite.ts';

export default defineConfig(nodeBundle({ entry: 'electron/hosts/electron/preload.ts', outDir: 'out/preload', fileName: 'preload.cjs', format: 'cjs' }));
