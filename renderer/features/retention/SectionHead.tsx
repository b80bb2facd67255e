// The head of a section of the page: what it lists, how many, and what can be done there.
import type { ReactNode } from 'react';
import { formatCount } from '../../lib/format.ts';

export function SectionHead({ title, count, children }: { readonly title: string; readonly count?: number; readonly children?: ReactNode }) {
  return <header className="part-head"><h2>{title}</h2>{count === undefined || count === 0 ? null : <span className="small dim">{formatCount(count)}</span>}<span className="grow" />{children}</header>;
}
