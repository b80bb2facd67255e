// Owns a TLS server on loopback that counts every byte of application data it is given; refuses to listen anywhere else.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { AddressInfo } from 'node:net';

export interface LabServer {
  readonly url: string;
  readonly port: number;
  /** Decrypted bytes that clients sent: what a thief would have seen. */
  applicationBytes(): number;
  handshakes(): number;
  close(): Promise<void>;
}

/** Answers every request with 200 and a small JSON body. */
export async function startLabServer(options: TlsOptions, onPort = 0): Promise<LabServer> {
  const open = new Set<TLSSocket>();
  let bytes = 0;
  let handshakes = 0;
  const server = createServer(options, (socket) => {
    handshakes += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}');
    });
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => { server.listen(onPort, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`, port, applicationBytes: () => bytes, handshakes: () => handshakes,
    close: () => new Promise((resolve) => {
      for (const socket of open) socket.destroy();
      server.close(() => resolve());
    }),
  };
}

export interface WeakServer {
  readonly url: string;
  /** What the server has printed, application data among it. */
  output(): string;
  close(): Promise<void>;
}

/** A server of the openssl command at security level 0, for certificates that Node refuses to serve. */
export async function startWeakServer({ key, cert }: { readonly key: string; readonly cert: string }): Promise<WeakServer> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-tls-weak-'));
  writeFileSync(join(dir, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(dir, 'cert.pem'), cert);
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-key', 'key.pem', '-cert', 'cert.pem', '-cipher', 'DEFAULT:@SECLEVEL=0', '-naccept', '4'], { cwd: dir, stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = new Promise<void>((resolve) => { child.once('close', () => resolve()); });
  let output = '';
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`openssl s_server did not listen: ${output}`)), 10_000);
    const read = (chunk: Buffer): void => {
      output += chunk.toString('latin1');
      const match = /ACCEPT \S*:(\d+)/.exec(output);
      if (match === null) return;
      clearTimeout(timer);
      resolve(Number(match[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
  });
  return {
    url: `https://127.0.0.1:${port}`,
    output: () => output,
    async close() {
      child.kill('SIGKILL');
      await closed;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
