// A certificate file of whoever: whether it is as it was signed, whose key that was, and only then what it says. Green is for a known key over a whole file whose checks hold.
import { useState } from 'react';
import type { CertificateReading } from '#shared/domain/retention-plan.ts';
import { Button } from '../../../components/Button.tsx';
import { Dialog } from '../../../components/Dialog.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Note } from '../../../components/Note.tsx';
import { WordChip } from '../../../components/WordChip.tsx';
import { announce } from '../../../lib/announce.ts';
import { call } from '../../../lib/client.ts';
import { asClaim, outcomeLook, signerLook } from './certificate-words.ts';
import { CertificateFacts } from './CertificateView.tsx';
import { FileChoice } from './FileChoice.tsx';

export function CertificateFileDialog({ onClose }: { readonly onClose: () => void }) {
  const [read, setRead] = useState<CertificateReading | null>(null);
  return (
    <Dialog title="Check a certificate file" onClose={onClose} wide>
      <div className="stack purge-approve purge-certificate-file">
        <p className="sub">The JSON that somebody handed over. It is judged by itself: nobody is asked, and nothing is kept.</p>
        <FileChoice
          label={read === null ? 'Choose the file…' : 'Choose another file…'} about="Certificate file" kept="Nothing was taken in." isFirst
          take={async (path) => {
            setRead(null);
            const reading = await call('retention.readCertificate', { path });
            setRead(reading);
            announce(reading.isValid ? `${reading.name} is as it was signed. ${signerLook(reading).text}` : `${reading.name} is not as it was signed.`);
          }}
        />
        {read === null ? null : <Judged reading={read} />}
        <div className="dialog-foot"><Button look="quiet" onClick={onClose}>Close</Button></div>
      </div>
    </Dialog>
  );
}

function Judged({ reading }: { readonly reading: CertificateReading }) {
  const { name, problems, fingerprint, certificate } = reading;
  if (certificate === null) {
    return (
      <Note tone="bad">
        <p className="note-main"><HostileText text={name} /> is not as it was signed. Nothing that it says counts.</p>
        <ul>{problems.map((problem) => <li key={problem}><HostileText text={problem} /></li>)}</ul>
      </Note>
    );
  }
  const signer = signerLook(reading);
  return (
    <>
      <Note tone={signer.tone === 'good' && certificate.outcome !== 'holds' ? 'info' : signer.tone}>
        <p className="note-main"><HostileText text={name} /> is as it was signed. <HostileText text={signer.text} /></p>
        <p className="small">Key <span className="mono selectable purge-digest">{fingerprint}</span></p>
        {signer.isKnown ? null : <p className="small">Compare the key with that of the person who issued it, by another way than the file.</p>}
      </Note>
      <CertificateFacts certificate={certificate} isVouchedFor={signer.isKnown} action={<WordChip {...(signer.isKnown ? outcomeLook(certificate.outcome) : asClaim(outcomeLook(certificate.outcome)))} />} />
    </>
  );
}
