// A file that was written: where it lies, how large it is, and the digest by which it can be recognised.
import { formatBytes } from '../lib/format.ts';
import { CopyButton } from './CopyButton.tsx';
import { HostileText } from './HostileText.tsx';
import './written-file.css';

interface WrittenFileProps {
  readonly file: { readonly path: string; readonly bytes: number; readonly sha256: string };
  readonly manifestPath?: string;
}

export function WrittenFile({ file, manifestPath }: WrittenFileProps) {
  return (
    <dl className="facts written">
      <dt>File</dt><dd className="mono selectable"><HostileText text={file.path} /></dd>
      {manifestPath === undefined ? null : <><dt>Manifest</dt><dd className="mono selectable"><HostileText text={manifestPath} /></dd></>}
      <dt>Size</dt><dd>{formatBytes(file.bytes)}</dd>
      <dt>SHA-256</dt><dd className="mono selectable">{file.sha256}</dd>
      <dt aria-hidden /><dd className="row row-wrap"><CopyButton text={file.sha256} what="Digest" label="Copy digest" /></dd>
    </dl>
  );
}
