// One runbook to read: when it is used, by whom, what its steps are and what they prove, where it comes from, and how to start it.
import type { ReactNode } from 'react';
import { Play, Printer } from 'lucide-react';
import type { RunbookHead } from '#shared/contract/runbook.ts';
import type { RunbookPack } from '#shared/domain/runbook-pack.ts';
import { Button } from '../../../components/Button.tsx';
import { CopyButton } from '../../../components/CopyButton.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { Time } from '../../../components/Time.tsx';
import { plural } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { MarkdownText } from '../markdown/MarkdownText.tsx';
import { appliesWords, minutesWords } from './pack-words.ts';
import { PackStep } from './PackStep.tsx';

export function PackPane({ head, onStart, onBlank }: { readonly head: RunbookHead; readonly onStart: () => void; readonly onBlank: () => void }) {
  const { data, error, reload } = useQuery('runbook.show', { id: head.id });
  return (
    <>
      <header className="pane-head lib-pane-head">
        <h2><HostileText text={head.title} /></h2>
        <span className="grow" />
        <Button look="quiet" icon={Printer} onClick={onBlank} title="A sheet to print and fill in by hand">Blank sheet…</Button>
        <Button look="main" icon={Play} onClick={onStart}>Start a run…</Button>
      </header>
      <p className="small sub lib-pane-about">{head.kind} · {plural(head.steps, 'step')} · {appliesWords(head.applies)} · {head.isShipped || head.importedAt === null ? 'shipped with Holdfast' : <>imported <Time iso={head.importedAt} /></>}</p>
      {data === undefined ? (error === null ? <Skeleton lines={8} label="Reading the runbook" /> : <ErrorNote error={error} onRetry={() => { void reload(); }} />) : <PackText head={data.head} pack={data.pack} />}
    </>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return <section className="lib-part"><h3 className="label">{title}</h3>{children}</section>;
}

function PackText({ head, pack }: { readonly head: RunbookHead; readonly pack: RunbookPack }) {
  const starts: number[] = [];
  let before = 0;
  for (const { steps } of pack.sections) {
    starts.push(before);
    before += steps.length;
  }
  return (
    <>
      <Part title="When to use it"><div className="lib-markdown"><MarkdownText text={pack.when} /></div></Part>
      {pack.severities.length === 0 ? null : (
        <Part title="Severities">
          <ul className="lib-lines">{pack.severities.map(({ id, title, acknowledge_minutes: minutes }) => <li key={id}><HostileText text={title} />{minutes === undefined ? null : <span className="dim"> · acknowledge within {minutesWords(minutes)}</span>}</li>)}</ul>
        </Part>
      )}
      {pack.roles.length === 0 ? null : <Part title="Roles"><ul className="lib-roles">{pack.roles.map(({ id, title }) => <li key={id}><HostileText text={title} /></li>)}</ul></Part>}
      {pack.sections.map((section, at) => (
        <section key={section.id} className="lib-section" aria-labelledby={`lib-section-${at}`}>
          <h3 id={`lib-section-${at}`}><HostileText text={section.title} /> <span className="dim small">{plural(section.steps.length, 'step')}</span></h3>
          {section.text === undefined ? null : <div className="lib-markdown sub"><MarkdownText text={section.text} /></div>}
          <ol className="lib-steps">{section.steps.map((step, row) => <PackStep key={step.id} step={step} number={(starts[at] ?? 0) + row + 1} pack={pack} />)}</ol>
        </section>
      ))}
      {pack.comms.length === 0 ? null : (
        <Part title="Messages">
          {pack.comms.map(({ id, title, text }) => <details key={id} className="lib-message"><summary><HostileText text={title} /></summary><pre className="payload"><HostileText text={text} layout="block" /></pre></details>)}
        </Part>
      )}
      {pack.words === undefined ? null : <Part title="Its own words"><p className="sub small">{Object.entries(pack.words).flatMap(([state, word]) => (word === undefined ? [] : [{ state, word }])).map(({ state, word }, at) => <span key={state}>{at === 0 ? '' : ', '}{state}: <strong><HostileText text={word} /></strong></span>)}</p></Part>}
      <Part title="This text">
        <dl className="facts small">
          <dt>Source</dt><dd><HostileText text={pack.source} /></dd>
          <dt>Id</dt><dd className="mono selectable"><HostileText text={pack.id} /></dd>
          <dt>Version</dt><dd className="mono selectable"><HostileText text={pack.version} /></dd>
          <dt>SHA-256</dt><dd className="mono selectable digest">{head.digest}</dd>
          <dt aria-hidden /><dd><CopyButton text={head.digest} what="Digest" label="Copy digest" /></dd>
        </dl>
        <p className="small dim">A run pins this digest: a later version of the runbook changes no run that is under way.</p>
      </Part>
    </>
  );
}
