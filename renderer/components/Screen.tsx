// The frame of every screen: its title, one sentence about the whole, its actions, and the space below.
import type { ReactNode } from 'react';

interface ScreenProps { readonly title: string; readonly about?: ReactNode; readonly actions?: ReactNode; readonly children: ReactNode }

export function Screen({ title, about, actions, children }: ScreenProps) {
  return (
    <>
      <header className="head">
        <h1 tabIndex={-1} id="screen-title">{title}</h1>
        <div className="sub head-about">{about}</div>
        <div className="row head-actions">{actions}</div>
      </header>
      {children}
    </>
  );
}
