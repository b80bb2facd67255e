// A sentence that stands out by an edge and an icon, not by a box.
import type { ReactNode } from 'react';
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';

const ICONS = { info: Info, good: CircleCheck, age: TriangleAlert, bad: CircleAlert } as const;

export function Note({ tone = 'info', children, id }: { readonly tone?: keyof typeof ICONS; readonly children: ReactNode; readonly id?: string }) {
  const Icon = ICONS[tone];
  return (
    <div className={`note note-${tone}`} id={id}>
      <Icon size={14} aria-hidden />
      <div className="note-text">{children}</div>
    </div>
  );
}
