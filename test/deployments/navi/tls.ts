// Owns the throw-away certificate authority and server certificate of one start; refuses to keep its keys on disk.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TlsMaterial {
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const OPENSSL_CONFIG = `
[req]
distinguished_name = name
prompt = no
[name]
CN = holdfast reference deployment
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, DNS:localhost
`;

const VALID_DAYS = 30;

/** A P-256 authority and a certificate for 127.0.0.1 and localhost, valid for 30 days. Throws when the openssl program is missing. */
export function createTlsMaterial(): TlsMaterial {
  const directory = mkdtempSync(join(tmpdir(), 'navi-tls-'));
  const at = (name: string): string => join(directory, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  try {
    writeFileSync(at('openssl.cnf'), OPENSSL_CONFIG);
    for (const name of ['ca', 'server']) openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at(`${name}.key`));
    openssl('req', '-x509', '-new', '-key', at('ca.key'), '-config', at('openssl.cnf'), '-extensions', 'ca', '-sha256', '-days', String(VALID_DAYS), '-out', at('ca.pem'));
    openssl('req', '-new', '-key', at('server.key'), '-config', at('openssl.cnf'), '-subj', '/CN=localhost', '-out', at('server.csr'));
    openssl(
      'x509', '-req', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-sha256',
      '-days', String(VALID_DAYS), '-extfile', at('openssl.cnf'), '-extensions', 'server', '-out', at('server.pem'),
    );
    return { caPem: readFileSync(at('ca.pem'), 'utf8'), certificatePem: readFileSync(at('server.pem'), 'utf8'), privateKeyPem: readFileSync(at('server.key'), 'utf8') };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
