// What the bundles for Electron have in common: one file each on Node 24, everything inside but the native packages; no source map, no path of this machine.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { Plugin, UserConfig } from 'vite';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Not bundled: Electron itself, and the two packages with native parts, which look for them beside their own files. */
const EXTERNAL = ['electron', 'better-sqlite3', 'keytar'];

export interface BundleOptions {
  /** Relative to the root. */
  readonly entry: string;
  /** Folder for the result, relative to the root; emptied first. */
  readonly outDir: string;
  readonly fileName: string;
  readonly format?: 'es' | 'cjs';
  readonly plugins?: Plugin[];
}

/** A bundle that runs in a Node of Electron's. */
export function nodeBundle({ entry, outDir, fileName, format = 'es', plugins = [] }: BundleOptions): UserConfig {
  return {
    root,
    publicDir: false,
    clearScreen: false,
    plugins,
    ssr: { noExternal: true, external: EXTERNAL, target: 'node' },
    build: {
      ssr: join(root, entry),
      outDir: join(root, outDir),
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      sourcemap: false,
      reportCompressedSize: false,
      rolldownOptions: { external: EXTERNAL, output: { format, entryFileNames: fileName, codeSplitting: false } },
    },
  };
}

/** Migrations, packs and the fonts of reports are read at run time from beside the module that uses them, which is the bundle now. */
export function copyMigrations(outDir: string): Plugin {
  return {
    name: 'holdfast-migrations',
    closeBundle() {
      const target = join(root, outDir, 'migrations');
      rmSync(target, { recursive: true, force: true });
      cpSync(join(root, 'electron', 'core', 'db', 'migrations'), target, { recursive: true, filter: (path) => !path.includes('.test.') });
      copyPacks(join(root, outDir, 'packs'));
      copyFonts(join(root, outDir, 'fonts'));
    },
  };
}

/** A pack that cannot be read ends the build. */
function copyPacks(target: string): void {
  rmSync(target, { recursive: true, force: true });
  cpSync(join(root, 'shared', 'packs'), target, { recursive: true, filter: (path) => !path.includes('.test.') });
  execFileSync(process.execPath, [join(root, 'test', 'support', 'check-packs.ts'), target], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** What PDF reports embed (electron/core/posture/reports/pdf-font.ts looks there), with the licence that goes with each copy. */
function copyFonts(target: string): void {
  const source = join(root, 'node_modules', '@fontsource', 'dejavu-sans');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const name of ['dejavu-sans-latin-400-normal.woff', 'dejavu-sans-latin-700-normal.woff']) cpSync(join(source, 'files', name), join(target, name));
  cpSync(join(source, 'LICENSE'), join(target, 'LICENSE'));
}

/** Files of electron/core/workers that are no thread themselves. */
const THREAD_PARTS = ['thread.ts', 'serve-thread.ts', 'thread-messages.ts'];

/** Each worker thread is a file of its own, in `workers` beside the bundle that starts it (electron/core/workers/thread.ts looks there); what several need stands once beside them. */
export function buildThreads(outDir: string): Plugin {
  return {
    name: 'holdfast-threads',
    async closeBundle() {
      const folder = join(root, 'electron', 'core', 'workers');
      const names = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !THREAD_PARTS.includes(file)).map((file) => file.replace(/\.ts$/, ''));
      const config = nodeBundle({ entry: '', outDir: join(outDir, 'workers'), fileName: '[name].js' });
      await build({
        ...config, configFile: false, logLevel: 'warn',
        build: { ...config.build, ssr: true, rolldownOptions: { external: EXTERNAL, input: Object.fromEntries(names.map((name) => [name, join(folder, `${name}.ts`)])), output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'part-[name].js' } } },
      });
    },
  };
}
