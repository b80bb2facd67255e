// Markdown of a pack as React elements. No HTML: what looks like it is shown as the text it is. Addresses are shown and copied, and lead nowhere by themselves.
import { createElement, useMemo } from 'react';
import type { ReactNode } from 'react';
import { Square, SquareCheck } from 'lucide-react';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { headingLevels, markdownTree, wordsOf } from './markdown-tree.ts';
import type { Address, MarkdownNode, MarkdownTree, NodeOf } from './markdown-tree.ts';

/** What is nested deeper is shown as it was written. */
const MAX_DEPTH = 16;

interface Context { readonly text: string; readonly tree: MarkdownTree; readonly levels: ReadonlyMap<MarkdownNode, number> }

export interface MarkdownTextProps {
  readonly text: string;
  /** Of the first heading in the text: one below the heading that it stands under. */
  readonly headingLevel?: 2 | 3 | 4 | 5;
}

export function MarkdownElements({ text, headingLevel = 3 }: MarkdownTextProps) {
  const content = useMemo(() => {
    const tree = markdownTree(text);
    return tree === null ? null : drawAll(tree.blocks, { text, tree, levels: headingLevels(tree.blocks, headingLevel) }, 0);
  }, [text, headingLevel]);
  return content === null ? <div className="md md-plain"><HostileText text={text} layout="block" /></div> : <div className="md">{content}</div>;
}

function drawAll(nodes: readonly MarkdownNode[], context: Context, depth: number): ReactNode[] {
  return nodes.map((node, index) => <Drawn key={index} node={node} context={context} depth={depth} />);
}

/** As it stands in the text. */
function Written({ node, context: { text } }: { readonly node: MarkdownNode; readonly context: Context }) {
  return <HostileText text={text.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0)} layout="block" />;
}

function Drawn({ node, context, depth }: { readonly node: MarkdownNode; readonly context: Context; readonly depth: number }): ReactNode {
  if (depth > MAX_DEPTH) return <span className="md-plain"><Written node={node} context={context} /></span>;
  const inside = (): ReactNode[] => ('children' in node ? drawAll(node.children, context, depth + 1) : []);
  switch (node.type) {
    case 'text': return <HostileText text={node.value} layout="block" />;
    case 'paragraph': return <p>{inside()}</p>;
    // Only headings of the text itself have a place in its outline; one inside a quotation or a list is a strong line.
    case 'heading': return context.levels.has(node) ? createElement(`h${context.levels.get(node) ?? 6}`, null, inside()) : <p><strong>{inside()}</strong></p>;
    case 'emphasis': return <em>{inside()}</em>;
    case 'strong': return <strong>{inside()}</strong>;
    case 'inlineCode': return <code className="md-inline-code"><HostileText text={node.value} /></code>;
    case 'code': return <CodeBlock node={node} />;
    case 'blockquote': return <blockquote>{inside()}</blockquote>;
    case 'list': return <List node={node} context={context} depth={depth} />;
    case 'table': return <Table node={node} context={context} depth={depth} />;
    case 'thematicBreak': return <hr />;
    case 'break': return <br />;
    case 'link': return <AddressText words={inside()} isSame={wordsOf(node) === node.url} address={{ url: node.url, title: node.title ?? null }} />;
    case 'linkReference': {
      const address = context.tree.addresses.get(node.identifier);
      return address === undefined ? <Written node={node} context={context} /> : <AddressText words={inside()} isSame={wordsOf(node) === address.url} address={address} />;
    }
    // Nothing is fetched: a picture is its description and where it lies.
    case 'image': return <AddressText words={<HostileText text={node.alt ?? ''} />} isSame={node.alt === node.url || (node.alt ?? '') === ''} address={{ url: node.url, title: node.title ?? null }} />;
    case 'imageReference': {
      const address = context.tree.addresses.get(node.identifier);
      return address === undefined ? <Written node={node} context={context} /> : <AddressText words={<HostileText text={node.alt ?? ''} />} isSame={(node.alt ?? '') === ''} address={address} />;
    }
    case 'definition': return null;
    default: return <span className="md-plain"><Written node={node} context={context} /></span>;
  }
}

function AddressText({ words, isSame, address: { url, title } }: { readonly words: ReactNode; readonly isSame: boolean; readonly address: Address }) {
  return (
    <span className="md-address">
      {isSame ? null : <>{words} </>}
      {title === null || title === '' ? null : <span className="sub">(<HostileText text={title} />) </span>}
      {url === '' ? <span className="dim">no address</span> : <><span className="mono md-url selectable"><HostileText text={url} /></span> <CopyButton text={url} what="Address" label="Copy address" /></>}
    </span>
  );
}

function CodeBlock({ node }: { readonly node: NodeOf<'code'> }) {
  return (
    <div className="md-code">
      <pre className="mono selectable"><code><HostileText text={node.value} layout="block" /></code></pre>
      {node.value === '' ? null : <CopyButton text={node.value} what="Text" />}
    </div>
  );
}

function List({ node, context, depth }: { readonly node: NodeOf<'list'>; readonly context: Context; readonly depth: number }) {
  const items = node.children.map((item, index) => {
    const { checked } = item;
    const content = item.children.map((child, at) => (
      // A tight item is a line, not a paragraph.
      child.type === 'paragraph' && node.spread !== true && item.spread !== true ? <span className="md-line" key={at}>{drawAll(child.children, context, depth + 2)}</span> : <Drawn key={at} node={child} context={context} depth={depth + 1} />
    ));
    if (checked === null || checked === undefined) return <li key={index}>{content}</li>;
    const Icon = checked ? SquareCheck : Square;
    return <li key={index} className="md-task"><Icon size={13} aria-hidden /><span className="visually-hidden">{checked ? 'ticked in the text: ' : 'to do: '}</span><div>{content}</div></li>;
  });
  const start = node.start ?? 1;
  return node.ordered === true ? <ol {...(start === 1 ? {} : { start })}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ node, context, depth }: { readonly node: NodeOf<'table'>; readonly context: Context; readonly depth: number }) {
  const [head, ...rows] = node.children;
  const align = (index: number) => (node.align?.[index] === 'right' ? { className: 'num' } : {});
  return (
    // A table may be wider than the pane: the keyboard must reach what is out of sight.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls has to take the focus.
    <div className="md-table" role="group" aria-label="Table" tabIndex={0}>
      <table>
        <thead><tr>{head?.children.map((cell, index) => (cell.children.length === 0 ? <th key={index} scope="col"><span className="visually-hidden">no heading</span></th> : <th key={index} scope="col" {...align(index)}>{drawAll(cell.children, context, depth + 3)}</th>))}</tr></thead>
        <tbody>{rows.map((row, at) => <tr key={at}>{row.children.map((cell, index) => <td key={index} {...align(index)}>{drawAll(cell.children, context, depth + 3)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}
