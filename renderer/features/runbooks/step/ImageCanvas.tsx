// Draws the pixels of a PNG or JPEG onto a canvas: nothing is loaded by an address, and an image that asks for too much memory is not decoded.
import { useEffect, useRef, useState } from 'react';
import { Maximize2, Minimize2 } from 'lucide-react';
import { Button } from '../../../components/Button.tsx';
import { formatCount } from '../../../lib/format.ts';
import { imageSize } from './evidence-bytes.ts';

const MAX_PIXELS = 40_000_000;
/** More is drawn smaller: no canvas can be larger everywhere. */
const MAX_SIDE = 8192;

interface ImageCanvasProps { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string; readonly label: string }
type Drawn = 'drawing' | 'drawn' | 'unreadable';

export function ImageCanvas({ bytes, type, label }: ImageCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [state, setState] = useState<Drawn>('drawing');
  const [isActual, setActual] = useState(false);
  const size = imageSize(bytes);
  const isTooLarge = size !== null && size.width * size.height > MAX_PIXELS;
  const isDecoded = size !== null && !isTooLarge && size.width > 0 && size.height > 0;
  useEffect(() => {
    if (!isDecoded) return undefined;
    let isGone = false;
    createImageBitmap(new Blob([bytes], { type })).then((bitmap) => {
      const element = canvas.current;
      if (!isGone && element !== null) {
        const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
        element.width = Math.max(1, Math.round(bitmap.width * scale));
        element.height = Math.max(1, Math.round(bitmap.height * scale));
        element.getContext('2d')?.drawImage(bitmap, 0, 0, element.width, element.height);
        setState('drawn');
      }
      bitmap.close();
    }, () => { if (!isGone) setState('unreadable'); });
    return () => { isGone = true; };
  }, [bytes, type, isDecoded]);
  if (isTooLarge) return <p className="small">This image has {formatCount(size.width)} × {formatCount(size.height)} points: too many to draw here. Save it to look at it.</p>;
  if (!isDecoded || state === 'unreadable') return <p className="small">This image cannot be drawn: its bytes are not a whole image of its type. Save it to look at it.</p>;
  return (
    <div className="step-image">
      {/* It may be larger than the pane: the keyboard must reach what is out of sight. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls has to take the focus. */}
      <div className={isActual ? 'step-image-box step-image-actual' : 'step-image-box'} role="group" aria-label={`${label}, image`} tabIndex={0}><canvas ref={canvas} role="img" aria-label={label} aria-busy={state === 'drawing'} /></div>
      <div className="row"><span className="small sub">{formatCount(size.width)} × {formatCount(size.height)}</span><Button look="quiet" icon={isActual ? Minimize2 : Maximize2} onClick={() => setActual(!isActual)}>{isActual ? 'Fit' : 'Actual size'}</Button></div>
    </div>
  );
}
