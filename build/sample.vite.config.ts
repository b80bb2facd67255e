// How the sample deployment is built for Electron, whose child processes are not asked to read TypeScript: out/sample/navi.mjs, by itself, to lie beside the program.
import { defineConfig } from 'vite';
import { nodeBundle } from './electron.vite.ts';

export default defineConfig(nodeBundle({ entry: 'test/deployments/navi/main.ts', outDir: 'out/sample', fileName: 'navi.mjs' }));
