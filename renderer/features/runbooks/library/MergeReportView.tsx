// What one import did: taken and known, by signer, refused with the reason, missing, waiting, in conflict, and what the file's own seal says.
import type { ReactNode } from 'react';
import type { MergeReport } from '#shared/domain/runbook-run.ts';
import { Button } from '../../../components/Button.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { formatCount, plural } from '../../../lib/format.ts';
import { useQuery } from '../../../lib/query.ts';
import { Fingerprint } from './Fingerprint.tsx';
import { HEAD_WORDS, mergeSentence, needsEyes, TRUST_LOOKS } from './merge-words.ts';

interface PartProps { readonly title: string; readonly count: number; readonly text: string; readonly children?: ReactNode }

function Part({ title, count, text, children }: PartProps) {
  return (
    <section className="lib-report-part" aria-label={title}>
      <h3>{title} <span className="dim">{formatCount(count)}</span></h3>
      <p className="sub small">{text}</p>
      {children}
    </section>
  );
}

/** Long lists of digests stay short until somebody wants them. */
function Digests({ of, what }: { readonly of: readonly string[]; readonly what: string }) {
  const list = <ul className="mono small lib-digests">{of.map((digest) => <li key={digest} className="selectable">{digest}</li>)}</ul>;
  if (of.length <= 8) return list;
  return <details><summary>{plural(of.length, what)}</summary>{list}</details>;
}

export function MergeReportView({ report, onPeople }: { readonly report: MergeReport; readonly onPeople: (fingerprint: string) => void }) {
  const { title, refused, missing, waiting, conflicts, evidenceAdded, evidenceRefused, head } = report;
  const people = useQuery('identity.list', {}).data?.others ?? [];
  // Trust may be given while the report is read; then it says what holds now.
  const bySigner = report.bySigner.map((signer) => {
    const now = people.find(({ fingerprint }) => fingerprint === signer.fingerprint);
    return now === undefined ? { ...signer, isListed: false } : { ...signer, name: now.name, trust: now.trust, isListed: true };
  });
  const seal = HEAD_WORDS[head];
  return (
    <>
      <header className="lib-report-head">
        <h3><HostileText text={title} /></h3>
        <p>{mergeSentence(report)}{evidenceAdded === 0 ? null : ` ${plural(evidenceAdded, 'file')} of evidence came with ${evidenceAdded === 1 ? 'it' : 'them'}.`}</p>
        {needsEyes(report) ? null : <p className="sub">Nothing was refused, nothing is missing, and everybody who signed is trusted here.</p>}
      </header>
      <Note tone={seal.tone}><p className="note-main">{seal.title}</p><p>{seal.text}</p></Note>
      {refused.length === 0 ? null : (
        <Part title="Refused" count={refused.length} text="Not taken: forged, altered, or no event at all. Each by its place in the file, counted from 0.">
          <div className="lib-refused"><table className="table table-wrapping" aria-label="Refused events">
            <thead><tr><th scope="col" className="num lib-place">Event</th><th scope="col">Why</th><th scope="col" className="lib-digest">Digest</th></tr></thead>
            <tbody>{refused.map(({ index, digest, reason }, at) => <tr key={at}><td className="num mono">{formatCount(index)}</td><td><HostileText text={reason} /></td><td className="mono small sub">{digest === null ? <span className="dim">none that can be read</span> : <HostileText text={digest} />}</td></tr>)}</tbody>
          </table></div>
        </Part>
      )}
      {conflicts.length === 0 ? null : (
        <Part title="In conflict" count={conflicts.length} text="People recorded different outcomes without knowing of each other. Nothing is chosen for them: open the run and record what holds.">
          <ul className="lib-lines">{conflicts.map(({ step, title: name }) => <li key={step}><HostileText text={name} /> <span className="mono small dim"><HostileText text={step} /></span></li>)}</ul>
        </Part>
      )}
      {missing.length === 0 ? null : (
        <Part title="Missing" count={missing.length} text="Events that others name, or that the seal lists, and that nobody has here. They were left out on the way; ask for a file of somebody who has them."><Digests of={missing} what="missing event" /></Part>
      )}
      {waiting === 0 ? null : <Note tone="age"><p>{plural(waiting, 'event')} {waiting === 1 ? 'is' : 'are'} kept and cannot count before what {waiting === 1 ? 'it rests' : 'they rest'} on comes.</p></Note>}
      {evidenceRefused.length === 0 ? null : <Part title="Evidence refused" count={evidenceRefused.length} text="Bytes that no event names, that are not what their digest says, or that are too large. Named by the digest under which they lay in the file."><Digests of={evidenceRefused} what="file" /></Part>}
      <section className="lib-report-part" aria-label="By signer">
        <h3>By signer</h3>
        {bySigner.length === 0 ? <p className="sub small">No event was new, so nobody is named.</p> : (
          <ul className="lib-signers">{bySigner.map(({ fingerprint, name, trust, added, isListed }) => (
            <li key={fingerprint}>
              <WordChip {...TRUST_LOOKS[trust]} />
              <div className="grow">
                <p>{name === null ? <span className="dim">gave no name</span> : trust === 'not-trusted-yet' || trust === 'distrusted' ? <><span className="dim">{trust === 'distrusted' ? 'known as' : 'calls itself'}</span> <strong><HostileText text={name} /></strong></> : <strong><HostileText text={name} /></strong>} <span className="sub">· {plural(added, 'new event')}</span></p>
                <p className="small sub"><Fingerprint fingerprint={fingerprint} /></p>
              </div>
              {trust === 'not-trusted-yet' && isListed ? <Button onClick={() => onPeople(fingerprint)}>Compare and trust…</Button> : null}
            </li>
          ))}</ul>
        )}
      </section>
    </>
  );
}
