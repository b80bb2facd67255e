// A clock that moves each second, for a countdown; it runs only while something shows one.
import { useEffect, useState } from 'react';

/** Milliseconds since the epoch, renewed each second. */
export function useSecond(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
