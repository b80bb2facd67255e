// Keeps addresses, CAs and pins honest: no token can be sent in the clear, and what an admin gave is either understood exactly or refused (R48, R49).
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { rootCertificates } from 'node:tls';
import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { isLoopbackAddress, parseTarget } from './target.ts';

const plain = (url: string) => parseTarget({ url, caPem: null, pin: null });

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('the address', () => {
  it.each([
    ['https://navi.example', 'https://navi.example', '', 'navi.example', 443],
    [' HTTPS://Navi.Example:443/ ', 'https://navi.example', '', 'navi.example', 443],
    ['https://navi.example:8443/team/navi/', 'https://navi.example:8443', '/team/navi', 'navi.example', 8443],
    ['https://[2001:db8::1]/', 'https://[2001:db8::1]', '', '2001:db8::1', 443],
    ['https://bücher.example', 'https://xn--bcher-kva.example', '', 'xn--bcher-kva.example', 443],
    ['https://navi.example/a/../b/', 'https://navi.example', '/b', 'navi.example', 443],
  ])('%s is understood', (...[url, origin, basePath, host, port]) => {
    expect(plain(url)).toEqual({ origin, basePath, url: origin + basePath, host, port, transport: 'encrypted', caPem: null, pin: null, readOnly: true });
  });

  it.each(['http://127.0.0.1:8787', 'http://127.9.9.9', 'http://[::1]:1', 'http://localhost:8787/navi', 'http://127.1', 'http://0x7f000001'])('plain http to this machine is accepted: %s', (url) => {
    expect(plain(url).transport).toBe('loopback');
  });

  it.each([
    'http://navi.example', 'http://10.0.0.1', 'http://0.0.0.0', 'http://localhost.example', 'http://localhost.', 'http://my.localhost', 'http://127.0.0.1.example',
    'http://[::ffff:127.0.0.1]', 'http://[::]', 'http://128.0.0.1', 'http://2130706434.example',
  ])('plain http to anywhere else is refused: %s', (url) => {
    expect(codeOf(() => plain(url))).toBe('insecure_url');
  });

  it.each([
    '', 'navi.example', 'ftp://navi.example', 'file:///etc/passwd', 'data:text/html,x', 'https:navi.example', 'https://', 'https://user@navi.example', 'https://user:pw@navi.example',
    'https://@navi.example', 'https://navi.example?x=1', 'https://navi.example?', 'https://navi.example#', 'https://navi.example/#/admin', 'https://navi.example\\@evil.example', 'https://navi .example',
    'https://na\tvi.example', 'https://navi.example:0', 'https://navi.example:99999', 'https://navi.example//admin', 'https://navi.example/%2e%2e%2fadmin', 'https://navi.example/a%00b', 'https://[::1', 'https://navi.example/%5cevil',
  ])('%j is refused', (url) => {
    expect(codeOf(() => plain(url))).toBe('invalid_url');
  });

  it('no text whatever makes plain http leave this machine', () => {
    fc.assert(fc.property(fc.oneof(fc.webUrl({ validSchemes: ['http', 'https'], withQueryParameters: true }), fc.string(), fc.string().map((text) => `http://${text}`), fc.domain().map((host) => `http://localhost.${host}`)), (url) => {
      let target;
      try {
        target = plain(url);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        return;
      }
      if (target.transport === 'loopback') expect(target.host === 'localhost' || isLoopbackAddress(target.host)).toBe(true);
      else expect(target.origin.startsWith('https://')).toBe(true);
    }), { numRuns: 5000 });
  });

  it('read-only is on unless it is switched off', () => {
    expect(plain('https://navi.example').readOnly).toBe(true);
    expect(parseTarget({ url: 'https://navi.example', caPem: null, pin: null, readOnly: false }).readOnly).toBe(false);
  });
});

describe('the CA', () => {
  const ca = rootCertificates[0] ?? '';
  const withCa = (caPem: string) => parseTarget({ url: 'https://navi.example', caPem, pin: null });

  it('is kept as certificates only, without the words around them', () => {
    const kept = withCa(`subject=somebody\n${ca}\n\n# and another\n${rootCertificates[1] ?? ''}\n`).caPem ?? '';
    expect(kept.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(kept).not.toContain('somebody');
    expect(new X509Certificate(kept).fingerprint256).toBe(new X509Certificate(ca).fingerprint256);
  });

  it.each([['', null], ['  \n', null]])('an empty field means none (%j)', (pem, kept) => expect(withCa(pem).caPem).toBe(kept));

  it('a private key is refused by name, even beside a certificate', () => {
    const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const pem of [key, `${ca}\n${key}`]) {
      expect(codeOf(() => withCa(pem))).toBe('invalid_ca');
      expect(() => withCa(pem)).toThrow(/private key/);
    }
  });

  it.each([
    ['no PEM', 'hello', /no line says BEGIN CERTIFICATE/],
    ['a cut-off block', ca.slice(0, 400), /no complete certificate/],
    ['another kind of PEM', '-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----', /no complete certificate/],
    ['a damaged certificate', ca.replace(/\n(.{4}).{4}/, '\n$1AAAA'), /cannot be read/],
    ['a damaged second one', `${ca}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`, /Certificate 2 of 2 cannot be read/],
  ])('%s is refused and the message says what is wrong', (_name, pem, says) => {
    expect(codeOf(() => withCa(pem))).toBe('invalid_ca');
    expect(() => withCa(pem)).toThrow(says);
  });

  it('is refused where no certificate is ever shown', () => {
    expect(codeOf(() => parseTarget({ url: 'http://127.0.0.1', caPem: ca, pin: null }))).toBe('invalid_ca');
    expect(codeOf(() => parseTarget({ url: 'http://127.0.0.1', caPem: null, pin: 'a'.repeat(64) }))).toBe('invalid_pin');
  });
});

describe('the pin', () => {
  const digest = createHash('sha256').update('a key').digest();
  const withPin = (pin: string) => parseTarget({ url: 'https://navi.example', caPem: null, pin }).pin;
  const expected = `sha256/${digest.toString('base64')}`;

  it.each([
    expected, digest.toString('base64'), digest.toString('base64').replace('=', ''), ` ${expected}\n`, `sha256//${digest.toString('base64')}`, digest.toString('hex'), digest.toString('hex').toUpperCase(),
    digest.toString('hex').replaceAll(/(..)(?!$)/g, '$1:'), `sha256:${digest.toString('hex')}`,
  ])('%j is read as sha256/BASE64', (pin) => expect(withPin(pin)).toBe(expected));

  it.each(['x', 'sha256/', 'sha1/2fd4e1c67a2d28fced849ee1bb76e7391b93eb12', digest.toString('base64').slice(0, 40), `${digest.toString('base64')}AAAA`, 'g'.repeat(64), digest.toString('hex').slice(1), `${digest.toString('base64').slice(0, 42)}*=`])('%j is refused', (pin) => {
    expect(codeOf(() => withPin(pin))).toBe('invalid_pin');
  });

  it('any 32 bytes are read alike from each spelling, and nothing else is read as them', () => {
    // 0xfc begins a digest whose base64 begins with a slash.
    const first = fc.oneof(fc.constantFrom(0xfc, 0xff), fc.nat(255));
    fc.assert(fc.property(first, fc.uint8Array({ minLength: 31, maxLength: 31 }), (start, tail) => {
      const raw = Buffer.from([start, ...tail]);
      const base64 = raw.toString('base64');
      for (const spelling of [base64, base64.slice(0, 43), `sha256/${base64}`, `sha256//${base64}`, `sha256/${base64.slice(0, 43)}`, `SHA256/${base64}`]) expect(withPin(spelling)).toBe(`sha256/${base64}`);
      expect(withPin(Buffer.from(raw).toString('hex'))).toBe(`sha256/${base64}`);
    }));
  });
});
