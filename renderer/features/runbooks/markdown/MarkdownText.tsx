// Markdown of a pack, with its looks.
import { MarkdownElements } from './MarkdownElements.tsx';
import type { MarkdownTextProps } from './MarkdownElements.tsx';
import './markdown.css';

export function MarkdownText(props: MarkdownTextProps) {
  return <MarkdownElements {...props} />;
}
