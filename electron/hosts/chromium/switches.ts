// Owns Chromium's command line: an app window that talks to us alone, reaches no network and writes down as little as it can.

export interface SwitchOptions {
  readonly userDataDir: string;
  readonly isRoot: boolean;
  readonly isHeadless: boolean;
  /** For the end-to-end tests alone: also listen for a test driver. */
  readonly hasDebugPort: boolean;
}

/** Shown until the first page is there. Not our origin: that would be asked for before anyone answers for it. */
const FIRST_PAGE = 'data:text/html,<title>Holdfast</title><style>html{color-scheme:light dark}</style>';

/** Every name resolves to nothing, so that no part of the browser can call home. */
const NO_NAMES = '--host-resolver-rules=MAP * ~NOTFOUND';

/** The arguments for Chromium, in a fixed order. */
export function chromiumSwitches(options: SwitchOptions): readonly string[] {
  return [
    '--remote-debugging-pipe',
    `--app=${FIRST_PAGE}`,
    '--class=holdfast',
    `--user-data-dir=${options.userDataDir}`,
    '--window-size=1280,800',
    // After the window is closed it stays until we end it: what was copied is taken off the clipboard first.
    '--keep-alive-for-test',
    '--no-first-run', '--no-default-browser-check', '--disable-default-apps',
    '--test-type', '--noerrdialogs', '--hide-crash-restore-bubble',
    // No network: neither names nor updates, nor the paths that go around the resolver (QUIC, WebRTC's UDP, a proxy of the desktop).
    NO_NAMES,
    '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic', '--disable-extensions',
    '--disable-domain-reliability', '--no-pings', '--no-proxy-server',
    '--webrtc-ip-handling-policy=disable_non_proxied_udp',
    // Nothing that was on the screen reaches the disk: no cache, no history, no crash dump, no keychain of Chromium's own.
    '--incognito', '--disk-cache-size=1', '--media-cache-size=1', '--disable-gpu-shader-disk-cache',
    '--disable-breakpad', '--disable-crash-reporter', '--password-store=basic',
    '--disable-features=BackForwardCache,Translate,MediaRouter,OptimizationHints,AutofillServerCommunication,SpareRendererForSitePerProcess',
    // A question to the admin would come from the page, not from us: it is answered with no.
    '--deny-permission-prompts',
    ...(options.isRoot ? ['--no-sandbox'] : []),
    ...(options.isHeadless ? ['--headless'] : []),
    ...(options.hasDebugPort ? ['--remote-debugging-port=0'] : []),
  ];
}

/**
 * Settings that have no switch, for the file `Default/Preferences` of a new data folder. Without the first, a page that fails to load makes Chromium
 * ask public name servers for google.com, past the resolver rule (measured).
 */
export const PREFERENCES = {
  alternate_error_pages: { enabled: false },
  safebrowsing: { enabled: false },
  search: { suggest_enabled: false },
  signin: { allowed: false },
  net: { network_prediction_options: 2 },
  credentials_enable_service: false,
  autofill: { profile_enabled: false, credit_card_enabled: false },
  download_restrictions: 3,
} as const;
