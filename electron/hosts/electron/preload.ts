// Runs before the page, in a world of its own: gives the page one frozen `holdfast` with three functions. No Electron object and no event object reaches the page.
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { MAX_MESSAGE_BYTES } from '#shared/contract.ts';
import { CALL_CHANNEL, EVENT_CHANNEL, ORIGIN } from './page.ts';

// Only the type is imported: the contract with all its schemas is no business of this small script, yet the figure cannot drift.
const MAX_CHARACTERS: typeof MAX_MESSAGE_BYTES = 2_097_152;

let lastId = 0;
const listeners = new Set<(event: unknown) => void>();

/** One message as core reads it, the id first; what cannot be written down says why instead. */
function write(id: number, name: unknown, input: unknown): string {
  const unsendable = (why: string): string => `{"id":${id},"unsendable":"${why}"}`;
  try {
    const text = JSON.stringify({ id, name, input });
    return text.length > MAX_CHARACTERS ? unsendable('too_large') : text;
  } catch (error) {
    return unsendable(error instanceof RangeError ? 'too_deep' : 'not_plain');
  }
}

async function call(name: unknown, input: unknown): Promise<unknown> {
  lastId += 1;
  const answer = (await ipcRenderer.invoke(CALL_CHANNEL, write(lastId, name, input))) as string;
  return (JSON.parse(answer) as { envelope: unknown }).envelope;
}

function onEvent(listener: (event: unknown) => void): () => void {
  // A listener of its own for each subscription, so that ending one leaves the other.
  const own = (event: unknown): void => listener(event);
  listeners.add(own);
  return () => { listeners.delete(own); };
}

/** Where a picked or dropped file lies; null for one that a script made, and for anything that is no file. */
function pathOf(file: unknown): Promise<string | null> {
  try {
    const path = webUtils.getPathForFile(file as File);
    return Promise.resolve(path === '' ? null : path);
  } catch {
    return Promise.resolve(null);
  }
}

// One listener that throws must not cost the others their event.
function tell(listener: (event: unknown) => void, event: unknown): void {
  try {
    listener(event);
  } catch (error) {
    reportError(error);
  }
}

// The first parameter, Electron's event, ends here.
ipcRenderer.on(EVENT_CHANNEL, (_event, text: string) => {
  const { event } = JSON.parse(text) as { event: unknown };
  for (const listener of listeners) tell(listener, event);
});

if (window.top === window && `${location.protocol}//${location.host}` === ORIGIN) contextBridge.exposeInMainWorld('holdfast', Object.freeze({ call, onEvent, pathOf }));
