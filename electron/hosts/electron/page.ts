// The names that main process and page share: the made-up origin and the two channels. There is no third channel.

/** Of our own, so that no other program and no network can answer for it. */
export const SCHEME = 'app';
export const ORIGIN = 'app://bundle';
export const HOME = `${ORIGIN}/`;

/** The page asks: one text in, one text back. */
export const CALL_CHANNEL = 'holdfast:call';
/** Core tells: one text out, nothing back. */
export const EVENT_CHANNEL = 'holdfast:event';
