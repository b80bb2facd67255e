// The screens that exist, with the one figure of each that matters; it lists nothing that is not there.
import { useEffect } from 'react';
import { AlignLeft, Hourglass, House, ListChecks, Settings, Shield } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Deployment } from '#shared/domain/deployment.ts';
import { formatCount, formatShortCount, plural } from '../lib/format.ts';
import { refetch, useQuery } from '../lib/query.ts';
import { useApp } from './store.ts';
import type { Screen } from './store.ts';

interface Figure { readonly text: string; readonly spoken: string; readonly isBad: boolean }

/** Checks grow stale by time alone, without any event: a window that stays open asks for them again this often. */
const REEVALUATE_EVERY_MS = 5 * 60_000;

export function Rail({ current }: { readonly current: Deployment | null }) {
  const { screen, go } = useApp();
  useEffect(() => {
    const timer = setInterval(() => refetch('security.show', 'security.fleet', 'overview.show'), REEVALUATE_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const of = current === null ? null : { deploymentId: current.id };
  const security = useQuery('security.show', of).data;
  // An AI-Karen has no log here.
  const audit = useQuery('audit.summary', current?.kind === 'navi' ? of : null).data;

  const fails = security === undefined || security.counts.fail === 0 ? null : { text: formatCount(security.counts.fail), spoken: plural(security.counts.fail, 'failing check'), isBad: true };
  const events = audit === undefined || audit.events === 0 ? null : { text: formatShortCount(audit.events), spoken: plural(audit.events, 'event'), isBad: false };

  function link({ to, icon: Icon, word, figure = null }: { to: Screen; icon: LucideIcon; word: string; figure?: Figure | null }) {
    return (
      <li>
        <button type="button" className="rail-link" aria-current={screen === to ? 'page' : undefined} onClick={() => go(to)} title={word}>
          <Icon size={16} strokeWidth={1.7} aria-hidden />
          <span className="rail-word">{word}</span>
          {figure === null ? null : <span className={`rail-figure ${figure.isBad ? 'text-fail' : ''}`}><span aria-hidden>{figure.text}</span><span className="visually-hidden">{figure.spoken}</span></span>}
        </button>
      </li>
    );
  }

  return (
    <nav className="rail" aria-label="Screens">
      <ul>
        {link({ to: 'overview', icon: House, word: 'Overview' })}
        {link({ to: 'security', icon: Shield, word: 'Security', figure: fails })}
        {link({ to: 'audit', icon: AlignLeft, word: 'Audit', figure: events })}
        {link({ to: 'retention', icon: Hourglass, word: 'Retention' })}
        {link({ to: 'runbooks', icon: ListChecks, word: 'Runbooks' })}
      </ul>
      <hr />
      <ul>{link({ to: 'settings', icon: Settings, word: 'Settings' })}</ul>
    </nav>
  );
}
