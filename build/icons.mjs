// Owns the icons of a package, drawn from renderer/icon.svg by a Chromium; refuses to keep a second drawing in the tree.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { icns, ico } from './icon-files.mjs';
import { SetUpError } from './setup-error.mjs';
import { inTree } from './tree.mjs';
import { findChromium } from './window-hosts.mjs';

const sizes = [16, 32, 48, 64, 128, 256, 512, 1024];

/**
 * Draws every size and writes `NxN.png`, icon.icns and icon.ico.
 * @param {string} folder absolute path
 * @returns {Promise<void>}
 * @throws {SetUpError} where there is no Chromium to draw with
 */
export async function drawIcons(folder) {
  const executablePath = findChromium();
  if (executablePath === null) throw new SetUpError('The icons are drawn by a Chromium, and none was found.', 'Install one (on Debian: apt-get install chromium), then start again.');
  // Late: this file is read before there are packages.
  const { chromium } = await import('@playwright/test');
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  const browser = await chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] });
  try {
    const page = await browser.newPage();
    const svg = readFileSync(inTree('renderer', 'icon.svg'), 'utf8');
    const pictures = [];
    for (const size of sizes) {
      await page.setViewportSize({ width: size, height: size });
      await page.setContent(`<style>html,body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
      pictures.push({ size, png: await page.screenshot({ omitBackground: true }) });
    }
    mkdirSync(folder, { recursive: true });
    for (const { size, png } of pictures.filter((picture) => picture.size <= 512)) writeFileSync(join(folder, `${size}x${size}.png`), png);
    writeFileSync(join(folder, 'icon.icns'), icns(pictures.filter((picture) => picture.size !== 48)));
    writeFileSync(join(folder, 'icon.ico'), ico(pictures.filter((picture) => picture.size <= 256)));
  } finally {
    await browser.close();
  }
}
