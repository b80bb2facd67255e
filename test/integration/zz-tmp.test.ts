import { it } from 'vitest';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import { shippedRunbooks } from '#core/runbooks/packs/packs.ts';
it('x', () => {
  for (const { pack } of shippedRunbooks()) {
    const texts: [string, string][] = [['when', pack.when], ...pack.sections.flatMap((s): [string, string][] => [[s.id, s.text ?? ''], ...s.steps.map((t): [string, string] => [t.id, t.text ?? ''])])];
    for (const [where, text] of texts) {
      const seen: string[] = [];
      const walk = (n: any): void => {
        if (!['root','text','paragraph','inlineCode','strong','list','listItem','code','table','tableRow','tableCell'].includes(n.type)) seen.push(n.type);
        if (n.type === 'text') for (const m of n.value.matchAll(/\b[A-Z][A-Z0-9]+_[A-Z0-9_]+\b|(?<![\w.])\/[a-z][\w/.-]*|\b[a-z]+_[a-z_]+\b|\bmake [a-z]|\b\w+\.(?:sh|py|sql|ya?ml|json)\b/g)) seen.push('bare ' + m[0]);
        for (const c of n.children ?? []) walk(c);
      };
      walk(fromMarkdown(text, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] }));
      if (seen.length) console.log(pack.id, where, seen.join(' | '));
    }
  }
});
