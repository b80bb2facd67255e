// Owns servers on loopback that misbehave byte by byte; refuses to listen anywhere else and ends every connection when it is closed.
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface RawServer {
  readonly port: number;
  readonly url: string;
  /** Everything that clients sent, connection after connection. */
  received(): string;
  connections(): number;
  close(): Promise<void>;
}

/** Calls `answer` once for each connection, when the first bytes of a request have come. */
export async function startRawServer(answer: (socket: Socket, request: string) => void): Promise<RawServer> {
  const open = new Set<Socket>();
  let received = '';
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // The client breaks off on purpose in most scenarios.
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => { received += chunk.toString('latin1'); });
    socket.once('data', (chunk) => answer(socket, chunk.toString('latin1')));
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    received: () => received,
    connections: () => connections,
    close: () => new Promise((resolve) => {
      for (const socket of open) socket.destroy();
      server.close(() => resolve());
    }),
  };
}

/** Text of an HTTP/1.1 answer with a right content-length. */
export function answerText(status: number, headers: Readonly<Record<string, string>>, body: string | Buffer): Buffer {
  const head = [`HTTP/1.1 ${status} X`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), `content-length: ${Buffer.byteLength(body)}`, 'connection: close', '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
}

export interface RedirectPair {
  /** Answers with a redirect to the other origin. */
  readonly first: RawServer;
  /** Must never be asked. */
  readonly other: RawServer;
}

/** Two origins: the first sends everybody to the second. `location` may hold {other} and {self}. */
export async function startRedirectPair(status: number, location: string): Promise<RedirectPair> {
  const other = await startRawServer((socket) => socket.end(answerText(200, { 'content-type': 'application/json' }, '{}')));
  const first: RawServer = await startRawServer((socket) => socket.end(answerText(status, { location: location.replace('{other}', other.url).replace('{self}', first.url) }, '')));
  return { first, other };
}
