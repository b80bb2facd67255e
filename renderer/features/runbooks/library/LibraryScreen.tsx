// The library of runbooks, the list of runs, and the people who sign in them; starts runs, brings them in, and says what is watched.
import { useState } from 'react';
import { Ellipsis, FileDown } from 'lucide-react';
import type { Identity, RunbookHead } from '#shared/contract/runbook.ts';
import type { Deployment } from '#shared/domain/deployment.ts';
import { Button } from '../../../components/Button.tsx';
import { Menu } from '../../../components/Menu.tsx';
import { Screen } from '../../../components/Screen.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Tabs } from '../../../components/Tabs.tsx';
import { fileStem } from '../../../components/file-name.ts';
import { SaveFileDialog } from '../../../components/SaveFileDialog.tsx';
import { call } from '../../../lib/client.ts';
import { plural } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { DropTarget } from '../../audit/import/DropTarget.tsx';
import { useCurrentDeployment } from '../../deployments/current.ts';
import './library.css';
import { MergeRoom } from './MergeRoom.tsx';
import { PackFileDialog } from './PackFileDialog.tsx';
import { PeopleTab } from './PeopleTab.tsx';
import { RunbooksTab } from './RunbooksTab.tsx';
import { RunsTab } from './RunsTab.tsx';
import { StartDialog } from './StartDialog.tsx';
import { TrustDialog } from './TrustDialog.tsx';
import { WatchDialog } from './WatchDialog.tsx';

type Tab = 'runs' | 'runbooks' | 'people';
type Question =
  | { readonly kind: 'start' | 'blank'; readonly head: RunbookHead }
  | { readonly kind: 'pack'; readonly dropped: string | null }
  | { readonly kind: 'trust'; readonly key: Identity; readonly isTrusted: boolean }
  | { readonly kind: 'watch' }
  | null;

/** Runs that are asked for at first, and at most. */
const RUNS_FIRST = 200;
const RUNS_MOST = 1000;
const BLANK_FORMS = [{ id: 'pdf', title: 'PDF', text: 'To print.' }] as const;

export function LibraryScreen({ current }: { readonly current: Deployment | null }) {
  const { all: deployments } = useCurrentDeployment();
  const [limit, setLimit] = useState(RUNS_FIRST);
  const runs = useQuery('run.list', limit === RUNS_FIRST ? {} : { limit });
  const packs = useQuery('runbook.list', {});
  const people = useQuery('identity.list', {});
  const [tab, setTab] = useState<Tab | null>(null);
  const [question, setQuestion] = useState<Question>(null);
  const [merge, setMerge] = useState<{ readonly dropped: string | null } | null>(null);
  const [packId, setPackId] = useState<string | null>(null);
  const open = runs.data?.runs.filter(({ endedAt }) => endedAt === null).length;
  // Where people work on something they begin with it; else with what can be begun. Decided once: a run that ends must not move the screen.
  if (tab === null && (open !== undefined || runs.error !== null)) setTab(open === 0 ? 'runbooks' : 'runs');
  const strangers = people.data?.others.filter(({ trust }) => trust === 'not-trusted-yet').length ?? 0;
  const close = (): void => setQuestion(null);
  const watch = (): void => setQuestion({ kind: 'watch' });
  const bringIn = (): void => setMerge({ dropped: null });

  function take([path]: readonly string[]): void {
    if (path === undefined) return;
    if (/\.ya?ml$/iu.test(path)) setQuestion({ kind: 'pack', dropped: path });
    else setMerge({ dropped: path });
  }
  function start(id: string): void {
    const head = packs.data?.runbooks.find((each) => each.id === id);
    if (head !== undefined) setQuestion({ kind: 'start', head });
  }
  function read(id: string): void {
    close();
    setPackId(id);
    setTab('runbooks');
  }
  /** From a report: to the key itself, where everything about it is said. */
  function compare(fingerprint: string): void {
    const key = people.data?.others.find((each) => each.fingerprint === fingerprint);
    if (key !== undefined) setQuestion({ kind: 'trust', key, isTrusted: true });
  }

  const about = open === undefined ? null : <>{open === 0 ? 'No run is open' : `${plural(open, 'run')} open`}{packs.data === undefined ? null : ` · ${plural(packs.data.runbooks.length, 'runbook')}`}</>;
  const more = [
    { id: 'pack', text: 'Import a runbook', content: <>Import a runbook…</>, onChoose: () => setQuestion({ kind: 'pack', dropped: null }) },
    { id: 'watch', text: 'Watched folder', content: <>Watched folder…</>, onChoose: watch },
  ];
  return (
    <DropTarget label="Take in: a runbook, or the file of a run" onPaths={take}>
      <Screen title="Runbooks" about={about} actions={(
        <>
          <Button icon={FileDown} aria-pressed={merge === null ? undefined : true} onClick={bringIn}>Bring in a run…</Button>
          <Menu label="More about runbooks" className="more-menu" button={<Ellipsis size={16} aria-hidden />} items={more} />
        </>
      )}>
        {merge !== null ? <MergeRoom key={merge.dropped} dropped={merge.dropped} onPeople={compare} onClose={() => setMerge(null)} />
          : tab === null ? <div className="pad"><Skeleton lines={6} label="Reading the runs" /></div> : (
            <Tabs label="Runbooks" chosen={tab} onChoose={setTab} items={[
              { id: 'runs', name: 'Runs', count: open },
              { id: 'runbooks', name: 'Runbooks', count: packs.data?.runbooks.length },
              { id: 'people', name: 'People', ...(strangers === 0 ? {} : { count: strangers, tone: 'stale' as const }) },
            ]}>
              {tab === 'runs' ? <RunsTab query={runs} limit={limit} onAll={() => setLimit(RUNS_MOST)} onLibrary={() => setTab('runbooks')} onBringIn={bringIn} onWatch={watch} />
                : tab === 'runbooks' ? <RunbooksTab query={packs} current={current} selected={packId} onSelect={setPackId} onStart={start} onBlank={(head) => setQuestion({ kind: 'blank', head })} />
                  : <PeopleTab onTrust={(key, isTrusted) => setQuestion({ kind: 'trust', key, isTrusted })} />}
            </Tabs>
          )}
        {question?.kind === 'start' ? <StartDialog head={question.head} deployments={deployments ?? []} current={current} onClose={close} /> : null}
        {question?.kind === 'blank' ? <BlankDialog head={question.head} onClose={close} /> : null}
        {question?.kind === 'pack' ? <PackFileDialog dropped={question.dropped} onRead={read} onClose={close} /> : null}
        {question?.kind === 'trust' ? <TrustDialog identity={question.key} isTrusted={question.isTrusted} onClose={close} /> : null}
        {question?.kind === 'watch' ? <WatchDialog onClose={close} /> : null}
      </Screen>
    </DropTarget>
  );
}

function BlankDialog({ head, onClose }: { readonly head: RunbookHead; readonly onClose: () => void }) {
  return <SaveFileDialog title="Blank sheet" what="The sheet" after="Print it: boxes to tick, and lines for names, times and notes. Nothing on it is counted here." stem={fileStem(`${head.id}-${head.version}`)} forms={BLANK_FORMS} write={(path) => call('runbook.blank', { id: head.id, path })} onClose={onClose} />;
}
