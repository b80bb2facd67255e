// Tells core that the admin is there, so that the idle lock counts from the last touch; at most once in 15 s.
import { useEffect } from 'react';
import { call } from '../lib/client.ts';

const TOUCH_EVERY_MS = 15_000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

export function useActivity(): void {
  useEffect(() => {
    let last = 0;
    const touch = (): void => {
      const now = Date.now();
      if (now - last < TOUCH_EVERY_MS) return;
      last = now;
      // A refused touch means that core is locked or gone; its event or the next call says so.
      call('app.touch', {}).catch(() => undefined);
    };
    for (const sign of SIGNS) window.addEventListener(sign, touch, { passive: true });
    return () => { for (const sign of SIGNS) window.removeEventListener(sign, touch); };
  }, []);
}
