// Who has a part in this run, by key, and what of the history is not here. Trust is given in the library, where fingerprints are compared.
import type { RunView } from '#shared/domain/runbook-view.ts';
import { HostileText } from '../../../../components/HostileText.tsx';
import { WordChip } from '../../../../components/WordChip.tsx';
import { plural } from '../../../../lib/format.ts';
import { concernsOf } from '../run-words.ts';
import { SideScroll } from './SideScroll.tsx';

export function PeopleTab({ run }: { readonly run: RunView }) {
  const concerns = concernsOf(run).filter(({ goesTo }) => goesTo === 'people');
  return (
    <SideScroll label="People of the run" changed={run.authors}>
      {concerns.map(({ id, text, tone }) => <p key={id} className={tone === 'bad' ? 'text-fail' : 'text-stale'}>{text}</p>)}
      <ul className="run-lines" aria-label="People in this run">
        {run.authors.map(({ fingerprint, name, isTrusted, isSelf, events }) => (
          <li key={fingerprint}>
            <div className="row row-wrap"><span className="run-line-main"><HostileText text={name} /></span>{isSelf ? <WordChip tone="none" word="you" /> : <WordChip tone={isTrusted ? 'pass' : 'unknown'} word={isTrusted ? 'trusted' : 'not trusted yet'} />}</div>
            <p className="small sub">{plural(events, 'event')}</p>
            <p className="small dim mono selectable run-digest">{fingerprint.match(/.{1,8}/g)?.join(' ')}</p>
          </li>
        ))}
      </ul>
      {run.authors.every(({ isTrusted }) => isTrusted) ? null : <p className="small sub">Compare the fingerprint with the person themselves, then trust the key: Runbooks, People.</p>}
      {run.missing.length === 0 ? null : (
        <>
          <h3>{plural(run.missing.length, 'missing event')}</h3>
          <p className="small sub">Named by others, and not here. Ask for a file of somebody who has them.</p>
          <ul className="mono small">{run.missing.slice(0, 20).map((digest) => <li key={digest} className="selectable run-digest dim">{digest}</li>)}</ul>
          {run.missing.length > 20 ? <p className="small dim">and {run.missing.length - 20} more</p> : null}
        </>
      )}
    </SideScroll>
  );
}
