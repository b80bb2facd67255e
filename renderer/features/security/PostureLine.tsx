// Under the title: how old the evidence of each kind is, and which baseline the deployment is held to.
import type { SecurityView } from '#shared/contract/security.ts';
import { HostileText } from '../../components/HostileText.tsx';
import { Time } from '../../components/Time.tsx';
import { plural } from '../../lib/format.ts';
import { agesOf } from './posture-words.ts';

interface PostureLineProps { readonly view: SecurityView; readonly onBaseline: () => void; readonly onFiles: () => void }

export function PostureLine({ view, onBaseline, onFiles }: PostureLineProps) {
  const { baseline, uncovered } = view;
  return (
    <div className="posture-line small">
      <button type="button" className="link-quiet posture-baseline" title={`${baseline.title}, sha256 ${baseline.digest}`} onClick={onBaseline}>
        <span className="dim">Baseline</span> <HostileText text={baseline.id} /> <HostileText text={baseline.version} /> <span className="mono dim">{baseline.digest.slice(0, 12)}</span>
      </button>
      <ul className="posture-ages" aria-label="Newest evidence">
        {agesOf(view.checks).map(({ kind, word, at }) => <li key={kind}><span className="dim">{word}</span> {at === null ? <span className="dim">none</span> : <Time iso={at} style={kind === 'attested' ? 'day' : 'minute'} age />}</li>)}
      </ul>
      <span className="grow" />
      {uncovered.length === 0 ? null : <button type="button" className="link-quiet text-stale nowrap" onClick={onFiles}>{plural(uncovered.length, 'setting')} without a check</button>}
    </div>
  );
}
