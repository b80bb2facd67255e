// What comparisons with the server found about one row, with the version that was held and the one that came; it judges neither.
import type { AuditFinding, FindingKind } from '#shared/domain/audit-witness.ts';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { Time } from '../../../components/Time.tsx';
import { Versions } from '../witness/Versions.tsx';
import '../witness/witness.css';

const WORDS: Readonly<Record<FindingKind, string>> = {
  vanished: 'The server no longer gives this row.', changed: 'The server gives this row with other content.', 'payload-changed': 'The server gives another payload.', 'id-backwards': 'Its id is lower than that of an older row.', 'back-dated': 'It appeared in a time that had been read completely.',
};

export function Findings({ findings }: { readonly findings: readonly AuditFinding[] }) {
  return (
    <section className="stack" aria-label="Findings">
      <p className="label">{findings.length === 1 ? 'Finding' : `${findings.length} findings`}</p>
      {findings.map((finding) => (
        <div key={finding.seq} className="stack-small">
          <Note tone="bad"><p className="note-main">{WORDS[finding.kind]}</p><p className="small"><HostileText text={finding.message} /> <span className="dim">Found <Time iso={finding.foundAt} age />.</span></p></Note>
          {finding.held === null && finding.found === null ? null : <Versions held={finding.held} found={finding.found} />}
        </div>
      ))}
    </section>
  );
}
