// Owns how the window's page is built: hashed files, nothing inlined, no source maps; refuses anything the content policy would refuse.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  root,
  base: '/',
  publicDir: false,
  clearScreen: false,
  plugins: [react()],
  // Its form for browsers decodes entities by innerHTML, which the content policy refuses; the one for workers has a table.
  resolve: { alias: { 'decode-named-character-reference': fileURLToPath(new URL('../node_modules/decode-named-character-reference/index.js', import.meta.url)) } },
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    target: 'chrome140',
    // A data: URL would be refused by font-src and style-src 'self'.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    // vite's polyfill fetches, and connect-src is 'none'; every Chromium we run in preloads modules by itself.
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
  },
});
