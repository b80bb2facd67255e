// How the command line program is built for the package: out/cli/bin/main.js. Three folders deep as its source is, because it finds package.json from there.
import { defineConfig } from 'vite';
import { buildThreads, copyMigrations, nodeBundle } from './electron.vite.ts';

export default defineConfig(nodeBundle({ entry: 'electron/hosts/cli/main.ts', outDir: 'out/cli/bin', fileName: 'main.js', plugins: [copyMigrations('out/cli/bin'), buildThreads('out/cli/bin')] }));
