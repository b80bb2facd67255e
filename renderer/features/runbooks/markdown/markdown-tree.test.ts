// Markdown as elements: what each form becomes, and that nothing hostile becomes an element, leads away, vanishes or takes long.
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { assert, constantFrom, property, array, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MarkdownElements } from './MarkdownElements.tsx';
import { headingLevels, markdownTree } from './markdown-tree.ts';

const SEED = Number(process.env['HOLDFAST_TEST_SEED'] ?? 1);
const RUNS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 2000 : 400;

const SCRIPT = ['java', 'script:'].join('');
const draw = (text: string): string => renderToStaticMarkup(createElement(MarkdownElements, { text }));
/** Elements only, without what stands between them. */
const elements = (html: string): string[] => [...html.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, name = '']) => name);
const words = (html: string): string => html.replaceAll(/<[^>]*>/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&amp;', '&');

/** The only elements that a text may become; the button is the one that copies. */
const ALLOWED = new Set(['div', 'p', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'em', 'strong', 'code', 'pre', 'blockquote', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'hr', 'br', 'bdi', 'span', 'button', 'svg', 'path', 'rect']);

describe('what each form becomes', () => {
  it('paragraphs, emphasis, code in a line, and lines that are broken', () => {
    const html = draw('One *two* **three** `four <b>`  \nfive');
    expect(html).toContain('<em><bdi>two</bdi></em>');
    expect(html).toContain('<strong><bdi>three</bdi></strong>');
    expect(html).toContain('<code class="md-inline-code"><bdi>four &lt;b&gt;</bdi></code>');
    expect(elements(html)).toContain('br');
  });

  it('lists within lists, with their numbers, and tasks that cannot be ticked here', () => {
    const html = draw('3. three\n4. four\n   - inner\n\n- [x] was done\n- [ ] to do');
    expect(html).toContain('<ol start="3">');
    expect(html).toMatch(/<li>.*four.*<ul><li>.*inner/s);
    expect(words(html)).toContain('ticked in the text: was done');
    expect(words(html)).toContain('to do: to do');
    expect(elements(html)).not.toContain('input');
  });

  it('fenced code keeps its text to the letter and can be copied', () => {
    const html = draw('```sh\nkubectl get pods -n "a"\n\n  && echo <ok>\n```');
    expect(words(html)).toContain('kubectl get pods -n "a"\n\n  && echo <ok>');
    expect(elements(html)).toEqual(expect.arrayContaining(['pre', 'code', 'button']));
  });

  it('tables with heads and numbers to the right, quotations, and lines across', () => {
    const html = draw('| a | n |\n|---|--:|\n| x | 1 |\n\n> said\n\n---');
    expect(html).toContain('<th scope="col"><bdi>a</bdi></th>');
    expect(html).toContain('<td class="num"><bdi>1</bdi></td>');
    expect(elements(html)).toEqual(expect.arrayContaining(['blockquote', 'hr']));
  });

  it('a link is its words, its address and a button; nothing leads away', () => {
    const html = draw('See [the page](https://example.org/a "T"), <https://example.org/b>, [by name][n].\n\n[n]: https://example.org/c');
    expect(words(html)).toContain('the page (T) https://example.org/a');
    expect(words(html)).toContain('by name https://example.org/c');
    expect(elements(html)).not.toContain('a');
    expect(elements(html).filter((name) => name === 'button')).toHaveLength(3);
    // One whose words are its address shows it once.
    expect(words(html).split('https://example.org/b')).toHaveLength(2);
  });

  it('entities are what they stand for', () => expect(words(draw('a &lt;b&gt; &eacute; &#x26;'))).toContain('a <b> é &'));

  it('headings step down one level at a time, below the heading that the text stands under', () => {
    expect(elements(draw('### a\n\n# b\n\n#### c\n\n## d')).filter((name) => name.startsWith('h'))).toEqual(['h3', 'h3', 'h4', 'h4']);
    const { blocks } = markdownTree('###### a\n\n##### b') ?? { blocks: [] };
    expect([...headingLevels(blocks, 4).values()]).toEqual([4, 4]);
  });
});

describe('hostile text', () => {
  it.each([
    ['raw HTML', '<img src=x onerror=alert(1)>\n\n<script>alert(1)</script>\n\nin <b onclick="x()">line</b>'],
    ['an address that would run', `[go](${SCRIPT}alert(1)) ![x](data:text/html,<script>1</script>) <${SCRIPT}alert(1)>`],
    ['a picture elsewhere', '![seen](https://example.org/track.png)'],
    ['a comment and a declaration', '<!-- hidden -->\n\n<!DOCTYPE html>\n\n<?php echo 1 ?>\n\n<![CDATA[x]]>'],
  ])('%s is shown as text', (_, text) => {
    const html = draw(text);
    expect(elements(html).filter((name) => !ALLOWED.has(name))).toEqual([]);
    expect(html).not.toMatch(/<[^>]*\s(?:href|src|on\w+|style|srcset)=/);
  });

  it('raw HTML is not dropped: it can be read', () => {
    expect(words(draw('<script>alert(1)</script>'))).toContain('<script>alert(1)</script>');
    expect(words(draw('a <b>c</b> <!-- d -->'))).toContain('a <b>c</b> <!-- d -->');
  });

  it('what turns the direction of writing is a mark, also when an entity brings it', () => {
    expect(words(draw('safe\u202Eevil &#x202E;more `a\u202Eb`')).match(/⟨U\+202E⟩/g)).toHaveLength(3);
    expect(draw('[x](https://a.example/\u200Bb)')).toMatch(/⟨U\+200B⟩|%E2%80%8B/);
  });

  it.each([
    ['quotations', '>'.repeat(8000)], ['lists', '+ '.repeat(4000)], ['lists up to the limit', `${'+ '.repeat(40)}word`], ['quotations up to the limit, again and again', `${'> - '.repeat(20)}a\n`.repeat(95)], ['brackets', '['.repeat(8000)], ['links', '[a]('.repeat(2000)], ['stars', '*a **a '.repeat(1100)], ['pictures', '!['.repeat(4000)],
    ['HTML', '<a '.repeat(2600)], ['list and quotation', '> - '.repeat(2000)], ['lines of a list', '* a\n'.repeat(2000)], ['brackets in lines', '> [\n'.repeat(1999)],
    ['a wide table', `${'|a'.repeat(100)}\n${'|-'.repeat(100)}\n${`${'|b'.repeat(100)}\n`.repeat(38)}`], ['emphasis in emphasis', `${'*a _b '.repeat(600)}${'_ *'.repeat(600)}`],
  ])('8,000 characters of %s are drawn, and not deeper than can be read', (_, text) => {
    const html = draw(text);
    const depth = [...html.matchAll(/<(\/?)([a-z0-9]+)[^>]*?(\/?)>/g)].reduce(({ now, most }, [, close, name = '', selfClosed]) => {
      if (selfClosed === '/' || name === 'br' || name === 'hr') return { now, most };
      const next = now + (close === '/' ? -1 : 1);
      return { now: next, most: Math.max(most, next) };
    }, { now: 0, most: 0 });
    expect(depth.now).toBe(0);
    expect(depth.most).toBeLessThan(60);
    expect(words(html).length).toBeGreaterThan(0);
  }, 20_000);

  it('a text that is too long for the parser is shown as it is', () => {
    const text = '*a* '.repeat(10_000);
    expect(markdownTree(text)).toBeNull();
    expect(words(draw(text))).toBe(text);
  });

  it('whatever is written: only known elements, no attribute that acts, and no letter lost', () => {
    const piece = constantFrom('a', 'word ', '\n', '\n\n', '*', '**', '_', '`', '```\n', '> ', '- ', '1. ', '# ', '| ', '|-|-|\n', '[', '](', ')', '![', '<', '>', '<b>', '</b>', '<script>', '&amp;', '&#x202e;', '\\', '    ', '\t', '---\n', '[x] ', SCRIPT, '"', '\u202e', '\u0000');
    assert(property(array(piece, { maxLength: 60 }), string({ maxLength: 6 }), (pieces, more) => {
      const text = pieces.join('') + more;
      const html = draw(text);
      expect(elements(html).filter((name) => !ALLOWED.has(name))).toEqual([]);
      expect(html).not.toMatch(/<[^>]*\s(?:href|src|on\w+|style|srcset)=/);
      // Every letter of "word" that was written is still there, unless it named a definition.
      if (!text.includes('](') && !/\[[^\]]*\]:/.test(text) && !text.includes('```')) expect(words(html).split('word').length).toBe(text.split('word').length);
    }), { seed: SEED, numRuns: RUNS });
  });
});
