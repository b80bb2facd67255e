// Owns the certificates of the TLS lab: real ones, made by openssl in a directory of their own; refuses to be used outside tests.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface LeafOptions {
  /** subjectAltName, for example IP:127.0.0.1 */
  readonly san?: string;
  /** Days from now; negative for the past. */
  readonly fromDays?: number;
  readonly toDays?: number;
  readonly rsaBits?: number;
  readonly digest?: 'sha256' | 'sha1';
  readonly usage?: 'serverAuth' | 'clientAuth';
  /** True makes an authority below this one. */
  readonly isAuthority?: boolean;
}

const DAY_MS = 86_400_000;

/** One authority with everything it needs to issue certificates. */
export class Authority {
  readonly #dir: string;
  readonly ca: KeyAndCertificate;
  #serial = 1000;

  /** @param from signs by itself when left out; else this is an authority below the one that issued `from` */
  constructor(name: string, from?: KeyAndCertificate) {
    this.#dir = mkdtempSync(join(tmpdir(), 'holdfast-tls-lab-'));
    if (from !== undefined) {
      this.ca = from;
    } else {
      const key = newKey();
      this.#write('self.key', key);
      this.#openssl(['req', '-x509', '-new', '-key', 'self.key', '-subj', `/CN=${name}`, '-days', '30', '-sha256', '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-out', 'self.pem']);
      this.ca = { key, cert: this.#read('self.pem') };
    }
    this.#write('ca.key', this.ca.key);
    this.#write('ca.pem', this.ca.cert);
    this.#write('ca.cnf', `[ca]\ndefault_ca=lab\n[lab]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\nprivate_key=ca.key\ncertificate=ca.pem\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n`);
  }

  issue(commonName: string, options: LeafOptions = {}): KeyAndCertificate {
    const { san = 'IP:127.0.0.1,DNS:localhost', fromDays = -1, toDays = 30, rsaBits, digest = 'sha256', usage = 'serverAuth', isAuthority = false } = options;
    const key = newKey(rsaBits);
    this.#serial += 1;
    this.#write('leaf.key', key);
    this.#write('index.txt', '');
    this.#write('serial', `${this.#serial}\n`);
    this.#write('leaf.ext', isAuthority ? 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n' : `subjectAltName=${san}\nextendedKeyUsage=${usage}\nbasicConstraints=CA:FALSE\n`);
    this.#openssl(['req', '-new', '-key', 'leaf.key', '-subj', `/CN=${commonName}`, '-out', 'leaf.csr']);
    this.#openssl(['ca', '-batch', '-notext', '-config', 'ca.cnf', '-md', digest, '-startdate', stamp(fromDays), '-enddate', stamp(toDays), '-extfile', 'leaf.ext', '-in', 'leaf.csr', '-out', 'leaf.pem']);
    return { key, cert: this.#read('leaf.pem') };
  }

  /** A server certificate that signed itself. */
  selfSigned(): KeyAndCertificate {
    const key = newKey();
    this.#write('own.key', key);
    this.#openssl(['req', '-x509', '-new', '-key', 'own.key', '-subj', '/CN=own', '-days', '30', '-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE', '-out', 'own.pem']);
    return { key, cert: this.#read('own.pem') };
  }

  remove(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #openssl(args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.#dir, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.#dir, name), text, { mode: 0o600 });
  }

  #read(name: string): string {
    return readFileSync(join(this.#dir, name), 'utf8');
  }
}

function newKey(rsaBits?: number): string {
  const { privateKey } = rsaBits === undefined ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: rsaBits });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** YYYYMMDDHHMMSSZ, as `openssl ca` takes it. */
function stamp(days: number): string {
  return `${new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
}
