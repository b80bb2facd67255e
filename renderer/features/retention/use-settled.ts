// A value as it stood when it last held still, so that core is not asked at every key.
import { useEffect, useState } from 'react';

/** @param afterMs how long it must not change */
export function useSettled<T>(value: T, afterMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
