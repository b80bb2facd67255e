// Owns the form of one message from a page, and refuses a message that is too large, too deep or not of that form before it is parsed.
import { MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH } from '#shared/contract.ts';
import { AppError } from '#shared/errors.ts';

/** `{"id":7,"name":"app.status","input":{}}`, the id first. A page that could not write its input down says why instead. */
export interface PageMessage {
  readonly id: number;
  readonly name: unknown;
  readonly input: unknown;
}

/** A message that is not served. `id` is null when not even that could be read; then nobody can be answered. */
export class MessageRefused extends Error {
  readonly id: number | null;
  readonly reason: AppError;

  constructor(id: number | null, reason: AppError) {
    super(reason.message);
    this.name = 'MessageRefused';
    this.id = id;
    this.reason = reason;
  }
}

const KEYS = new Set(['id', 'name', 'input', 'unsendable']);

/**
 * Reads one message.
 * @param text at most MAX_MESSAGE_BYTES in UTF-8, nested at most MAX_MESSAGE_DEPTH deep below the message itself
 * @throws {MessageRefused}
 */
export function readMessage(text: string): PageMessage {
  const id = /^\{"id":(\d{1,15})[,}]/.exec(text)?.[1];
  const refuse = (reason: AppError): never => { throw new MessageRefused(id === undefined ? null : Number(id), reason); };
  if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES) refuse(tooLarge());
  if (depthOf(text) > MAX_MESSAGE_DEPTH + 1) refuse(tooDeep());
  const message = parse(text);
  if (message === null || id === undefined || Reflect.ownKeys(message).some((key) => typeof key === 'symbol' || !KEYS.has(key))) return refuse(notAMessage());
  if (message['unsendable'] === 'too_large') refuse(tooLarge());
  if (message['unsendable'] === 'too_deep') refuse(tooDeep());
  if (Object.hasOwn(message, 'unsendable')) refuse(notPlain());
  return { id: Number(id), name: message['name'], input: message['input'] };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null;
  } catch {
    return null;
  }
}

/** The deepest nesting of brackets outside strings, without parsing. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) isInString = false;
    } else if (code === 0x22) isInString = true;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, depth += 1);
    else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return deepest;
}

function tooLarge(): AppError {
  return new AppError('too_large', { message: 'The request is too large. Nothing was done.', hint: `Keep it under ${MAX_MESSAGE_BYTES / 1_048_576} MiB.` });
}

function tooDeep(): AppError {
  return new AppError('too_large', { message: 'The request is nested too deeply. Nothing was done.', hint: 'Send a flatter request.' });
}

function notPlain(): AppError {
  return new AppError('invalid_input', { message: 'The request holds something that cannot be sent. Nothing was done.', hint: 'Send plain text, numbers, lists and objects.' });
}

function notAMessage(): AppError {
  return new AppError('invalid_input', { message: 'The window sent something that is not a request. Nothing was done.', hint: 'Reload the window.' });
}
