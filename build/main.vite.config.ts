// How Electron's main process is built: electron/hosts/electron/main.ts into out/main/main.js.
import { defineConfig } from 'vite';
import { buildThreads, copyMigrations, nodeBundle } from './electron.vite.ts';

export default defineConfig(nodeBundle({ entry: 'electron/hosts/electron/main.ts', outDir: 'out/main', fileName: 'main.js', plugins: [copyMigrations('out/main'), buildThreads('out/main')] }));
