// Makes anything fit for a log: plain data without secrets, bounded in depth and size; it refuses to run accessors or toJSON of what it is given.
import { Secret } from './secret.ts';
import { maskText, secretForms } from './redaction-text.ts';

const REDACTED = '[redacted]';
const MAX_DEPTH = 8;
const MAX_NODES = 2_000;
const MAX_ENTRIES = 200;

// Words of a key, wherever they stand in it; and words that are a secret only at its end (`keyId` and `tokenCount` are not).
const SECRET_WORDS = new Set(['password', 'passwd', 'passphrase', 'secret', 'secrets', 'authorization', 'cookie', 'credential', 'credentials', 'bearer', 'jwt']);
const SECRET_ENDINGS = new Set(['token', 'tokens', 'key', 'keys']);
const WRAPPERS = new Set(['value', 'text', 'string', 'bytes', 'hex', 'base64', 'material', 'header', 'raw']);

/** Whether a value under this key is taken for a secret, by its name alone. */
export function isSecretKey(key: string): boolean {
  const words = key.slice(0, 256).replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== '');
  if (words.some((word) => SECRET_WORDS.has(word))) return true;
  while (words.length > 1 && WRAPPERS.has(words.at(-1) ?? '')) words.pop();
  const last = words.at(-1) ?? '';
  return SECRET_ENDINGS.has(last) || /(token|apikey|password|secret)$/.test(last);
}

/**
 * A copy for a log sink: JSON-ready data in which every Secret, every value under a secret-like key, every known secret (as text, base64, hex or
 * percent-encoded) and everything that looks like a JWT or Fernet token or key reads `[redacted]`. Known secrets under four characters are not
 * searched for. Bytes are shown by their count only. Too deep, too many, cyclic or unreadable parts are named as such. Never throws.
 */
export function redact(value: unknown, known: readonly Secret<string | Buffer>[] = []): unknown {
  const forms = secretForms(known);
  const onPath = new Set<object>();
  let nodes = 0;

  function visit(node: unknown, depth: number): unknown {
    nodes += 1;
    if (nodes > MAX_NODES) return '[too many values]';
    switch (typeof node) {
      case 'string': return maskText(node, forms);
      case 'number': return Number.isFinite(node) ? node : String(node);
      case 'boolean': case 'undefined': return node;
      case 'bigint': return maskText(node.toString(), forms);
      case 'function': return '[function]';
      case 'symbol': return '[symbol]';
      case 'object': return node === null ? null : visitObject(node, depth);
    }
  }

  function visitObject(node: object, depth: number): unknown {
    if (node instanceof Secret) return REDACTED;
    if (onPath.has(node)) return '[cycle]';
    if (depth >= MAX_DEPTH) return '[too deep]';
    onPath.add(node);
    try {
      if (ArrayBuffer.isView(node)) return `[${node.byteLength} bytes]`;
      if (node instanceof ArrayBuffer || node instanceof SharedArrayBuffer) return `[${node.byteLength} bytes]`;
      if (node instanceof Date) return Number.isNaN(node.getTime()) ? '[invalid date]' : node.toISOString();
      if (node instanceof URL || node instanceof RegExp) return maskText(node.toString(), forms);
      if (node instanceof Map) return entries([...limited(node)], depth);
      if (node instanceof Set) return [...limited(node)].map((item) => visit(item, depth + 1));
      if (Array.isArray(node)) return node.slice(0, MAX_ENTRIES).map((item) => visit(item, depth + 1));
      return properties(node, depth);
    } catch {
      return '[unreadable]'; // A proxy or a foreign object may throw from anywhere.
    } finally {
      onPath.delete(node);
    }
  }

  function entries(pairs: readonly (readonly [unknown, unknown])[], depth: number): unknown {
    return pairs.map(([key, item]) => [visit(key, depth + 1), typeof key === 'string' ? named(key, item, depth) : visit(item, depth + 1)]);
  }

  function named(key: string, item: unknown, depth: number): unknown {
    if (isSecretKey(key) && item !== null && item !== undefined && typeof item !== 'boolean') return REDACTED;
    return visit(item, depth + 1);
  }

  function properties(node: object, depth: number): unknown {
    const result: Record<string, unknown> = {};
    const put = (key: string, item: unknown): void => {
      // defineProperty, because a plain assignment of __proto__ would change the copy instead of showing it.
      Object.defineProperty(result, maskText(key, forms), { value: item, enumerable: true, configurable: true, writable: true });
    };
    const isError = node instanceof Error;
    if (isError) put('name', maskText(node.name, forms));
    const keys = isError ? [...new Set(['message', 'code', 'stack', 'cause', ...Object.keys(node)])] : Object.keys(node);
    for (const key of keys.slice(0, MAX_ENTRIES)) {
      const property = Object.getOwnPropertyDescriptor(node, key);
      if (property === undefined) continue;
      // An error's stack is an accessor in newer V8; it runs no code of the program.
      if ('value' in property) put(key, named(key, property.value, depth));
      else put(key, isError && key === 'stack' ? visit(node.stack, depth + 1) : '[accessor]');
    }
    if (keys.length > MAX_ENTRIES) put('…', `[${keys.length - MAX_ENTRIES} more]`);
    return result;
  }

  return visit(value, 0);
}

function* limited<T>(items: Iterable<T>): Generator<T> {
  let count = 0;
  for (const item of items) {
    count += 1;
    if (count > MAX_ENTRIES) return;
    yield item;
  }
}
