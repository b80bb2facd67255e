// What the page can load: the built files under our own scheme, from a map made at start. A path from a URL never reaches the file system.
import { protocol } from 'electron';
import type { Session } from 'electron';
import { pageFileAt } from '#core/bridge/page-files.ts';
import type { PageFile, PageFiles } from '#core/bridge/page-files.ts';
import { pageHeaders } from '#core/bridge/page-headers.ts';
import { ORIGIN, SCHEME } from './page.ts';

/**
 * Tells Chromium about the scheme. Call it once, before Electron is ready.
 * Standard (it has origins) and secure, and nothing else: no fetch API, so that no other origin can read it (CVE-2026-70604), no way around the policy, no workers.
 */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true } }]);
}

/** Answers every request of one session for our scheme. */
export function servePage(session: Session, files: PageFiles): void {
  session.protocol.handle(SCHEME, ({ method, url }) => {
    const file = method === 'GET' ? pageFileAt(files, ORIGIN, url) : undefined;
    return file === undefined ? answer(404, NOT_FOUND) : answer(200, file);
  });
}

const NOT_FOUND: PageFile = { contentType: 'text/plain; charset=utf-8', body: Buffer.from('not found') };

function answer(status: number, { contentType, body }: PageFile): Response {
  return new Response(new Uint8Array(body), { status, headers: pageHeaders(contentType).map(([name, value]): [string, string] => [name, value]) });
}
