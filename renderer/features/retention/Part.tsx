// One part of the retention page: its name, one sentence beside it, its actions, and what it holds; and the line of links that leads to each.
import type { ReactNode } from 'react';
import { formatCount } from '../../lib/format.ts';

interface PartProps { readonly title: string; readonly about?: ReactNode; readonly actions?: ReactNode; readonly children: ReactNode }

/** Parts are few and each title stands once, so a title gives the place. */
const idOf = (title: string): string => `part-${title.toLowerCase().replaceAll(/[^a-z]+/gu, '-')}`;

export function Part({ title, about, actions, children }: PartProps) {
  const titleId = idOf(title);
  return (
    <section className="retention-part" aria-labelledby={titleId}>
      <header className="retention-part-head">
        <h2 id={titleId} tabIndex={-1}>{title}</h2>
        <div className="sub small grow">{about}</div>
        {actions === undefined ? null : <div className="row row-wrap">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

interface PartLinksProps { readonly parts: readonly { readonly title: string; readonly word: string; readonly count?: number }[] }

export function PartLinks({ parts }: PartLinksProps) {
  return (
    <nav className="retention-links" aria-label="On this page">
      <ul>{parts.map(({ title, word, count }) => (
        <li key={title}><a href={`#${idOf(title)}`} onClick={(event) => { event.preventDefault(); const head = document.getElementById(idOf(title)); head?.scrollIntoView({ block: 'start' }); head?.focus({ preventScroll: true }); }}>{word}{count === undefined || count === 0 ? null : <span className="dim"> {formatCount(count)}</span>}</a></li>
      ))}</ul>
    </nav>
  );
}
