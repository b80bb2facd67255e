// The terminal as a command sees it: three streams and the environment; tests bring their own.
import { visibleBlock } from '#shared/domain/visible-text.ts';

export interface OutStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface InStream extends AsyncIterable<string | Uint8Array> {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  on(event: 'data', listener: (chunk: string | Uint8Array) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  off(event: 'data', listener: (chunk: string | Uint8Array) => void): unknown;
  off(event: 'end', listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface Io {
  readonly stdin: InStream;
  readonly stdout: OutStream;
  readonly stderr: OutStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Remarks beside the result: a person reads them at once, a script after the result; beside a JSON error there are none. */
export interface Notes {
  add(text: string): void;
  /** Lets out what was held back. Called once, when the command succeeded. */
  release(): void;
}

/** With JSON, remarks wait for the end: on failure stderr is one JSON document and nothing else. */
export function createNotes(stderr: OutStream, json: boolean): Notes {
  const held: string[] = [];
  const write = (text: string): unknown => stderr.write(`holdfast: ${visibleBlock(text)}\n`);
  return {
    add: (text) => (json ? held.push(text) : write(text)),
    release: () => held.splice(0).forEach(write),
  };
}
