// Covers what was opened when nobody has touched the window for a while; it counts by the clock, so that a sleeping machine does not prolong it.
import { useEffect, useState } from 'react';

const SIGNS_OF_LIFE = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const;
const LOOK_EVERY_MS = 250;

export interface Cover { readonly isCovered: boolean; readonly uncover: () => void }

/** @param seconds without a key, a click or a movement of the pointer */
export function useCover(seconds: number): Cover {
  const [isCovered, setCovered] = useState(false);
  useEffect(() => {
    if (isCovered) return undefined;
    let lastMs = Date.now();
    const look = (): void => {
      if (Date.now() - lastMs >= seconds * 1000) setCovered(true);
    };
    const touch = (): void => {
      // The first sign after a sleep comes too late.
      look();
      lastMs = Date.now();
    };
    const timer = setInterval(look, LOOK_EVERY_MS);
    document.addEventListener('visibilitychange', look);
    for (const sign of SIGNS_OF_LIFE) window.addEventListener(sign, touch, { passive: true });
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
      for (const sign of SIGNS_OF_LIFE) window.removeEventListener(sign, touch);
    };
  }, [isCovered, seconds]);
  return { isCovered, uncover: () => setCovered(false) };
}
