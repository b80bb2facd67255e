// What a screen says when it has nothing to show: why, and the one or two things to do about it.
import type { ReactNode } from 'react';
import type { LucideIcon } from 'lucide-react';

interface EmptyStateProps { readonly icon?: LucideIcon; readonly title: string; readonly children?: ReactNode; readonly actions?: ReactNode }

export function EmptyState({ icon: Icon, title, children, actions }: EmptyStateProps) {
  return (
    <div className="empty">
      {Icon === undefined ? null : <Icon size={28} strokeWidth={1.4} aria-hidden />}
      <h2>{title}</h2>
      {children === undefined ? null : <div className="sub empty-text">{children}</div>}
      {actions === undefined ? null : <div className="row row-wrap empty-actions">{actions}</div>}
    </div>
  );
}
