// The watched folder in one line, where there is one: which, when it was looked at last, and what went wrong there.
import { useEffect } from 'react';
import { FolderSync } from 'lucide-react';
import { Button } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Time } from '../../../components/Time.tsx';
import { refetch, useQuery } from '../../../lib/query.ts';

/** The folder is looked at without any event; a window that shows its state asks this often. */
const AGAIN_EVERY_MS = 5000;

export function useWatching() {
  useEffect(() => {
    const timer = setInterval(() => refetch('run.watching'), AGAIN_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return useQuery('run.watching', {});
}

export function WatchLine({ onWatch }: { readonly onWatch: () => void }) {
  const { data } = useWatching();
  if (data === undefined || data.path === null) return null;
  return (
    <div className={`lib-watch small ${data.problem === null ? '' : 'lib-watch-bad'}`} role="group" aria-label="Watched folder">
      <FolderSync size={13} aria-hidden />
      <span className="lib-watch-text"><span className="sub">Watching</span> <span className="mono"><HostileText text={data.path} /></span> <span className="dim">{data.lastAt === null ? 'not looked at yet' : <>looked at <Time iso={data.lastAt} age /></>}</span>{data.problem === null ? null : <span className="text-stale lib-watch-problem"><HostileText text={data.problem} /></span>}</span>
      <Button look="quiet" onClick={onWatch}>Watched folder…</Button>
    </div>
  );
}
