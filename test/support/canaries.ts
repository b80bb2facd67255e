// Looks for a canary in files, in the encodings in which a leak could lie.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export function filesUnder(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

/** UTF-8, UTF-16, base64, hexadecimal and backwards. Base64 depends on the offset, so its middle is taken at all three. */
export function encodings(canary: string): Buffer[] {
  const bytes = Buffer.from(canary, 'utf8');
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return text.slice(shift === 0 ? 0 : 4, Math.floor(text.length / 4) * 4 - 4);
  });
  return [bytes, Buffer.from(canary, 'utf16le'), ...base64.map((text) => Buffer.from(text)), Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('hex').toUpperCase()), Buffer.from([...canary].reverse().join(''))];
}
