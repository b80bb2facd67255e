// Where opened payloads go when they are written: through age to its recipients, or as they are. What was handed over is overwritten once the cipher has passed it.
import type { Encrypter } from 'age-encryption';
import { AppError } from '#shared/errors.ts';

export interface Sink {
  /** Takes ownership of the bytes. */
  write(bytes: Buffer): Promise<void>;
  end(): Promise<void>;
  abort(): Promise<void>;
}

/** The cipher has passed over a block when so many more were accepted: pipe and cipher each hold one or two. */
const IN_FLIGHT = 8;

function refused(message: string): AppError {
  return new AppError('invalid_recipient', { message: `${message} Nothing was opened.`, hint: 'Give a public key of age: it begins with age1, and age-keygen prints it.' });
}

/**
 * An encrypter for these recipients.
 * @throws AppError invalid_recipient, which never repeats what was given: somebody may have pasted a secret key
 */
export async function encrypterFor(recipients: readonly string[]): Promise<Encrypter> {
  // Only now: its ciphers take a tenth of a second to load, and few runs of the program export.
  const age = await import('age-encryption');
  const encrypter = new age.Encrypter();
  for (const [index, given] of recipients.entries()) {
    const recipient = given.trim();
    const which = recipients.length === 1 ? 'The recipient' : `Recipient ${index + 1}`;
    if (/^AGE-SECRET-KEY-/i.test(recipient)) throw refused(`${which} is a secret key. It was not used and not kept; a key that was pasted into the wrong place should be replaced.`);
    if (!/^age1[02-9ac-hj-np-z]+$/.test(recipient)) throw refused(`${which} is not a public key of age.`);
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw refused(`${which} is not a public key of age: it was cut, or a character of it is wrong.`);
    }
  }
  try {
    // A trial: some keys are well spelled and still cannot be sealed to.
    await encrypter.encrypt('');
  } catch {
    throw refused('To one of the recipients nothing can be sealed.');
  }
  return encrypter;
}

/** Encrypts to the recipients on the way, in blocks of 64 KiB. */
export async function ageSink(encrypter: Encrypter, write: (bytes: Buffer) => Promise<void>): Promise<Sink> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encrypted = await encrypter.encrypt(readable);
  const inFlight: Buffer[] = [];
  let failure: unknown = null;
  const written = (async () => {
    for await (const chunk of encrypted) await write(Buffer.from(chunk));
  })().catch((error: unknown) => { failure = error; });
  // The stream that broke rejects everything that is still to come; the reason is the one above.
  writer.closed.catch(() => undefined);

  async function orFailure(step: Promise<unknown>): Promise<void> {
    try {
      await step;
    } catch (error) {
      await written;
      throw failure ?? error;
    }
  }

  return {
    async write(bytes) {
      inFlight.push(bytes);
      if (inFlight.length > IN_FLIGHT) inFlight.shift()?.fill(0);
      await orFailure(writer.ready.then(() => writer.write(bytes)));
    },
    async end() {
      await orFailure(writer.close());
      await written;
      for (const bytes of inFlight.splice(0)) bytes.fill(0);
      if (failure !== null) throw failure;
    },
    async abort() {
      await writer.abort().catch(() => undefined);
      await written;
      for (const bytes of inFlight.splice(0)) bytes.fill(0);
    },
  };
}

export function plainSink(write: (bytes: Buffer) => Promise<void>): Sink {
  return { write, end: () => Promise.resolve(), abort: () => Promise.resolve() };
}
