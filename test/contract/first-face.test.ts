// What stands in index.html before the script is loaded is what the app draws first, so that nothing jumps when it takes over.
import { readFileSync } from 'node:fs';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { BrandMark } from '../../renderer/components/Brand.tsx';

it('the page begins with the first face of the app: its classes, its mark, its words', () => {
  const html = readFileSync(new URL('../../renderer/index.html', import.meta.url), 'utf8');
  const app = readFileSync(new URL('../../renderer/app/App.tsx', import.meta.url), 'utf8');
  const [, face, line, words] = /<main className="([^"]+)">\s*\{status\.error === null \? <p className="([^"]+)" role="status"><BrandMark \/> ([^<]+)<\/p>/.exec(app) ?? [];
  expect(words).toBe('Opening Holdfast…');
  expect(html).toContain(`<div id="root"><main class="${face}"><p class="${line}" role="status">${renderToStaticMarkup(createElement(BrandMark))} ${words}</p></main></div>`);
});
