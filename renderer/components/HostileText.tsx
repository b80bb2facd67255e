// The only way in which text from a server reaches the page: isolated in direction, with everything invisible made visible.
import { Fragment } from 'react';
import { splitHostile } from '../lib/hostile-text.ts';

/** More than this is not drawn at once; the rest is counted, and copying still gives all of it. */
const MAX_DRAWN = 200_000;

interface HostileTextProps {
  readonly text: string;
  /** block keeps line feeds and tabs as layout; line shows them as marks. */
  readonly layout?: 'line' | 'block';
}

export function HostileText({ text, layout = 'line' }: HostileTextProps) {
  const drawn = text.length > MAX_DRAWN ? text.slice(0, MAX_DRAWN) : text;
  const segments = splitHostile(drawn, layout);
  return (
    <bdi>
      {segments.map((segment, index) => (segment.kind === 'text'
        ? <Fragment key={index}>{segment.text}</Fragment>
        : <span key={index} className="hidden-mark" title={segment.name}>{segment.label}</span>))}
      {drawn === text ? null : <span className="hidden-mark">{`⟨${text.length - drawn.length} more characters not drawn⟩`}</span>}
    </bdi>
  );
}
