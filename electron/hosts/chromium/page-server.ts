// Owns what the page can load: the built files under our made-up origin, and nothing else. Every request of the window ends here; none reaches a network.
import { pageFileAt } from '#core/bridge/page-files.ts';
import type { PageFile, PageFiles } from '#core/bridge/page-files.ts';
import { pageHeaders } from '#core/bridge/page-headers.ts';
import { ChromiumGone, CommandRefused } from './pipe.ts';
import type { Fields, Pipe } from './pipe.ts';

/** Secure context, never resolved: `.localhost` would mean this machine even if the interception failed. */
export const ORIGIN = 'https://console.localhost';
export const HOME = `${ORIGIN}/`;

/** Shown when the page crashed too often to be opened again by itself. */
export const STOPPED = `${ORIGIN}/stopped`;

const STOPPED_PAGE: PageFile = {
  contentType: 'text/html; charset=utf-8',
  body: Buffer.from('<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="dark light"><title>Holdfast</title><h1>The window stopped several times in a row</h1><p>Everything that was saved is kept. Reports of it are in the log of this profile.</p><p><a href="/">Open it again</a></p></html>'),
};

/** The built files, and the page that needs none of them. */
export function withStoppedPage(files: PageFiles): PageFiles {
  return new Map([...files, ['/stopped', STOPPED_PAGE]]);
}

export interface PageServerOptions {
  readonly pipe: Pipe;
  readonly sessionId: string;
  readonly mainFrameId: string;
  readonly files: PageFiles;
  /** Everything that must stand before the first byte of the page: until then requests are held. */
  readonly guards: Promise<unknown>;
}

interface PausedRequest {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  readonly request: { readonly url: string; readonly method: string };
}

/** Answers every request of the page from now on, none before the guards stand. Where one could not be set up, nothing is ever answered. */
export async function servePage(options: PageServerOptions): Promise<void> {
  const { pipe, sessionId, guards } = options;
  pipe.onEvent((event) => {
    if (event.sessionId !== sessionId || event.method !== 'Fetch.requestPaused') return;
    const [method, params] = answerTo(event.params as unknown as PausedRequest, options);
    guards.then(() => pipe.send(method, params, sessionId)).catch((error: unknown) => {
      // A request that was given up meanwhile needs no answer.
      if (!(error instanceof ChromiumGone || error instanceof CommandRefused)) throw error;
    });
  });
  await pipe.send('Fetch.enable', { patterns: [{ urlPattern: '*', requestStage: 'Request' }] }, sessionId);
}

function answerTo({ requestId, frameId, resourceType, request }: PausedRequest, options: PageServerOptions): [method: string, params: Fields] {
  const isNavigation = resourceType === 'Document';
  const isHome = frameId === options.mainFrameId && [HOME, STOPPED].includes(request.url.split('#', 1)[0] ?? '');
  // Aborted, not blocked: the page stays as it is instead of giving way to an error page.
  if (isNavigation && !(isHome && request.method === 'GET')) return ['Fetch.failRequest', { requestId, errorReason: 'Aborted' }];
  if (!request.url.startsWith(HOME)) return ['Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' }];
  const file = request.method === 'GET' ? pageFileAt(options.files, ORIGIN, request.url) : undefined;
  return file === undefined ? fulfil(requestId, 404, NOT_FOUND) : fulfil(requestId, 200, file);
}

const NOT_FOUND: PageFile = { contentType: 'text/plain; charset=utf-8', body: Buffer.from('not found') };

function fulfil(requestId: string, responseCode: number, file: PageFile): [method: string, params: Fields] {
  const responseHeaders = pageHeaders(file.contentType).map(([name, value]) => ({ name, value }));
  return ['Fetch.fulfillRequest', { requestId, responseCode, responseHeaders, body: file.body.toString('base64') }];
}
