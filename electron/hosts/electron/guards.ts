// What every web contents and every session of this program may not do: leave the page, open a window, ask for a device, download, reach a network. There are no exceptions to grant.
import { app } from 'electron';
import type { Event, Session, WebContents } from 'electron';
import type { Log } from '#core/ports.ts';
import { HOME } from './page.ts';

export interface GuardOptions {
  readonly log: Log;
  /** A packaged program, as users run it. */
  readonly isRelease: boolean;
}

/** Guards everything that will ever be created. Call it before Electron is ready. */
export function guardEverything(options: GuardOptions): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents, options.log));
  app.on('session-created', (session) => guardSession(session, options));
}

function guardContents(contents: WebContents, log: Log): void {
  const refuse = (what: string) => (event: Pick<Event, 'preventDefault'>): void => {
    event.preventDefault();
    log.info('the window refused what its page tried', { what });
  };
  // What this program starts itself (the first load, a reload) does not come by here.
  contents.on('will-navigate', refuse('leave the page'));
  contents.on('will-frame-navigate', refuse('load a frame'));
  contents.on('will-redirect', refuse('follow a redirect'));
  contents.on('will-attach-webview', refuse('embed a page'));
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  // Here to prevent means: the page may not keep the window from closing.
  contents.on('will-prevent-unload', (event) => event.preventDefault());
  contents.on('select-bluetooth-device', (event, _devices, choose) => {
    event.preventDefault();
    choose('');
  });
  // The content policy has no say in WebRTC.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}

function guardSession(session: Session, { isRelease }: GuardOptions): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
  session.on('select-hid-device', (event, _details, choose) => { event.preventDefault(); choose(null); });
  session.on('select-serial-port', (event, ...[, , choose]) => { event.preventDefault(); choose(''); });
  session.on('select-usb-device', (event, _details, choose) => { event.preventDefault(); choose(); });
  session.on('will-download', (event) => event.preventDefault());
  // The window speaks to nobody; a certificate that reaches this point is wrong, whatever it says. -2: refused.
  session.setCertificateVerifyProc((_request, answer) => answer(-2));
  // Dictionaries come from a server of the browser's maker.
  session.setSpellCheckerEnabled(false);
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !mayLoad(url, isRelease) }));
}

function mayLoad(url: string, isRelease: boolean): boolean {
  if (url.startsWith(HOME) || url.startsWith(`blob:${HOME}`)) return true;
  return !isRelease && url.startsWith('devtools://');
}
