// Shows evidence inside the window, part by part: text as text, PNG and JPEG as pixels, everything else as hexadecimal. Nothing is run, and no markup is read as markup.
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { CallOutput } from '#shared/contract.ts';
import { Button } from '../../../components/Button.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { HostileText } from '../../../components/HostileText.tsx';
import { Skeleton } from '../../../components/Skeleton.tsx';
import { call } from '../../../lib/client.ts';
import { formatBytes, formatCount } from '../../../lib/format.ts';
import { useAction } from '../../../lib/use-action.ts';
import { bytesOf, hexLines, joined } from './evidence-bytes.ts';
import { ImageCanvas } from './ImageCanvas.tsx';

type Part = CallOutput<'run.evidence'>;

/** An image is drawn only when all of it is here. */
const MAX_IMAGE_BYTES = 12_582_912;
/** Characters and bytes that are drawn at once; the rest is one press away. */
const TEXT_STEP = 65_536;
const HEX_STEP = 4096;
const IMAGES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg']);
const TEXTS: ReadonlySet<string> = new Set(['text/plain', 'application/json']);

interface Loaded { readonly ref: Part['ref']; readonly bytes: Uint8Array<ArrayBuffer>; readonly nextOffset: number | null }

export function EvidenceView({ runId, digest }: { readonly runId: string; readonly digest: string }) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const load = useAction(async (before: Loaded | null, isAll: boolean) => {
    let now = before;
    do {
      const { ref, base64, nextOffset } = await call('run.evidence', { runId, digest, offset: now?.nextOffset ?? 0 });
      now = { ref, bytes: now === null ? bytesOf(base64) : joined([now.bytes, bytesOf(base64)]), nextOffset };
      setLoaded(now);
      // An image without its end is none.
    } while (now.nextOffset !== null && (isAll || (IMAGES.has(now.ref.type) && now.ref.bytes <= MAX_IMAGE_BYTES)));
  });
  const { run } = load;
  useEffect(() => { void run(null, false); }, [run]);
  if (load.error !== null && loaded === null) return <ErrorNote error={load.error} />;
  if (loaded === null) return <Skeleton lines={2} label="Opening the evidence" />;
  const { ref, bytes, nextOffset } = loaded;
  const more = nextOffset === null ? null : () => { void run(loaded, false); };
  return (
    <div className="step-view" role="group" aria-label={`Content of ${ref.name}`}>
      {load.error === null ? null : <ErrorNote error={load.error} />}
      {IMAGES.has(ref.type) ? <ImageOf loaded={loaded} isLoading={load.busy} /> : TEXTS.has(ref.type) ? <TextOf key={digest} bytes={bytes} more={more} isLoading={load.busy} /> : <HexOf bytes={bytes} total={ref.bytes} more={more} isLoading={load.busy} />}
    </div>
  );
}

function ImageOf({ loaded: { ref, bytes, nextOffset }, isLoading }: { readonly loaded: Loaded; readonly isLoading: boolean }) {
  if (ref.bytes > MAX_IMAGE_BYTES) return <p className="small">This image has {formatBytes(ref.bytes)}: too large to be drawn here. Save it to look at it.</p>;
  if (nextOffset !== null) return <p className="small" role="status">{isLoading ? `Reading: ${formatBytes(bytes.length)} of ${formatBytes(ref.bytes)}` : `Only ${formatBytes(bytes.length)} of ${formatBytes(ref.bytes)} could be read.`}</p>;
  return <ImageCanvas bytes={bytes} type={ref.type} label={ref.name} />;
}

interface PartsProps { readonly bytes: Uint8Array<ArrayBuffer>; readonly more: (() => void) | null; readonly isLoading: boolean }

function TextOf({ bytes, more, isLoading }: PartsProps) {
  const [shown, setShown] = useState(TEXT_STEP);
  // A character that is cut by the end of a part is completed by the next one.
  const text = new TextDecoder().decode(bytes, { stream: more !== null });
  const isCut = text.length > shown || more !== null;
  const next = (): void => {
    setShown(shown + TEXT_STEP);
    if (shown + TEXT_STEP > text.length) more?.();
  };
  const pieces = Array.from({ length: Math.ceil(Math.min(shown, text.length) / TEXT_STEP) }, (_, at) => text.slice(at * TEXT_STEP, Math.min((at + 1) * TEXT_STEP, shown)));
  return (
    <>
      <Scrolling>{text === '' ? <span className="dim">It is empty.</span> : pieces.map((piece, at) => <HostileText key={at} text={piece} layout="block" />)}</Scrolling>
      {isCut ? <div className="row row-wrap"><span className="small sub">{formatCount(Math.min(shown, text.length))} characters are shown, and there are more.</span><Button look="quiet" busy={isLoading} onClick={next}>Show more</Button></div> : null}
    </>
  );
}

function HexOf({ bytes, total, more, isLoading }: PartsProps & { readonly total: number }) {
  const [shown, setShown] = useState(HEX_STEP);
  const drawn = Math.min(shown, bytes.length);
  const next = (): void => {
    setShown(shown + HEX_STEP);
    if (shown + HEX_STEP > bytes.length) more?.();
  };
  return (
    <>
      <p className="small sub">No text and no image that is drawn here. Its bytes in hexadecimal:</p>
      <Scrolling isWide>{total === 0 ? <span className="dim">It is empty.</span> : hexLines(bytes.subarray(0, drawn))}</Scrolling>
      {drawn < total ? <div className="row row-wrap"><span className="small sub">{formatCount(drawn)} of {formatCount(total)} bytes</span><Button look="quiet" busy={isLoading} onClick={next}>Show more</Button></div> : null}
    </>
  );
}

function Scrolling({ isWide = false, children }: { readonly isWide?: boolean; readonly children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls has to take the focus.
    <pre className={`payload mono selectable step-view-text ${isWide ? 'step-view-wide' : ''}`} tabIndex={0}>{children}</pre>
  );
}
