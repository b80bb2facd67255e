// Markdown of packs as a tree: CommonMark with tables and task lists. It reads and decides nothing about looks; what is too long or nested too deep is left as text.
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item';
import { gfmTable } from 'micromark-extension-gfm-table';
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item';

export type MarkdownRoot = ReturnType<typeof fromMarkdown>;
export type MarkdownNode = MarkdownRoot['children'][number];
export type NodeOf<T extends MarkdownNode['type']> = Extract<MarkdownNode, { type: T }>;
export interface Address { readonly url: string; readonly title: string | null }

export interface MarkdownTree {
  readonly blocks: readonly MarkdownNode[];
  /** What `[text][name]` points at, by its name as the parser writes it. */
  readonly addresses: ReadonlyMap<string, Address>;
}

/** A text of a pack has at most 8,000 characters, and a message filled from a run some more. The parser's time grows faster than the text: the worst of this size takes it a quarter of a second. */
const MAX_CHARACTERS = 32_768;
/** Quotations and lists that one line opens within each other. A few thousand of them take the parser seconds. */
const MAX_OPENED = 40;
const OPENED = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*/;

function opensTooMuch(line: string): boolean {
  const [opened = ''] = OPENED.exec(line) ?? [];
  return opened.length > MAX_OPENED && (opened.match(/[>*+.)-]/g)?.length ?? 0) > MAX_OPENED;
}

/** The tree of a text; null when it is shown as plain text instead. It never throws. */
export function markdownTree(text: string): MarkdownTree | null {
  if (text.length > MAX_CHARACTERS || text.split(/[\n\r]/).some(opensTooMuch)) return null;
  try {
    const root = fromMarkdown(text, { extensions: [gfmTable(), gfmTaskListItem()], mdastExtensions: [gfmTableFromMarkdown(), gfmTaskListItemFromMarkdown()] });
    const addresses = new Map<string, Address>();
    for (const node of root.children) {
      // The first of a name counts, as CommonMark has it.
      if (node.type === 'definition' && !addresses.has(node.identifier)) addresses.set(node.identifier, { url: node.url, title: node.title ?? null });
    }
    return { blocks: root.children, addresses };
  } catch {
    // A text that the parser cannot read is still a text that people can.
    return null;
  }
}

/** The words of a node without its marks. */
export function wordsOf(node: MarkdownNode): string {
  if ('value' in node) return node.value;
  if ('alt' in node) return node.alt ?? '';
  return 'children' in node ? node.children.map((child) => wordsOf(child as MarkdownNode)).join('') : '';
}

/** Heading levels without gaps, beginning at `base`: a heading is at most one level below the one before it. */
export function headingLevels(blocks: readonly MarkdownNode[], base: number): ReadonlyMap<MarkdownNode, number> {
  const levels = new Map<MarkdownNode, number>();
  const open: number[] = [];
  for (const node of blocks) {
    if (node.type !== 'heading') continue;
    while ((open.at(-1) ?? 0) >= node.depth) open.pop();
    open.push(node.depth);
    levels.set(node, Math.min(6, base + open.length - 1));
  }
  return levels;
}
