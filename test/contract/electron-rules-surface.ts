// The rules about what the window is and what its page may do: options, scheme, policy, places, permissions, network.
import { join } from 'node:path';
import { expect } from 'vitest';
import { HOME } from '../../electron/hosts/electron/page.ts';
import type { RunningHost } from './electron-host.ts';
import { cancelledBy, drop, eachContents, eachSession, swap } from './electron-rule.ts';
import type { Rule } from './electron-rule.ts';

/** Requirement R6, word for word: held here as well, so that a change of the product's text is seen. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'none'; frame-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";


/** Web preferences that must be said, each with its value. */
const PREFERENCES = {
  sandbox: true, contextIsolation: true, webSecurity: true, nodeIntegration: false, nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false, webviewTag: false,
  plugins: false, experimentalFeatures: false, allowRunningInsecureContent: false, navigateOnDragDrop: false, disableDialogs: true, spellcheck: false, webgl: false,
} as const;

const preferencesOf = (host: RunningHost): Record<string, unknown> => host.window.options.webPreferences as Record<string, unknown>;

function preferenceRule(name: string, value: boolean): Rule {
  return {
    title: `R2: the window says ${name}: ${value}`,
    probe: (host) => { expect(preferencesOf(host)[name]).toBe(value); },
    without: [drop('window.ts', `      ${name}: ${value},\n`), swap('window.ts', `      ${name}: ${value},\n`, `      ${name}: ${!value},\n`)],
  };
}

const preferenceRules: readonly Rule[] = Object.entries(PREFERENCES).map(([name, value]) => preferenceRule(name, value));

const isNavigationRefused = (host: RunningHost, name: string, url: string): void => {
  eachContents(host, (contents) => {
    expect(cancelledBy((event) => contents.emit(name, Object.assign(event, { url, isMainFrame: true }), url)), `${name} to ${url}`).toBe(true);
  });
};

const ADDRESSES = ['https://example.com/', 'file:///etc/passwd', ['javascript', 'alert(1)'].join(':'), 'data:text/html,x', 'about:blank', 'app://bundle.example/', HOME, 'blob:app://bundle/1'];

function navigationRule(event: string, what: string): Rule {
  return {
    title: `R9: ${event} is prevented for every address`,
    probe: (host) => { for (const url of ADDRESSES) isNavigationRefused(host, event, url); },
    without: [drop('guards.ts', `  contents.on('${event}', refuse('${what}'));\n`)],
  };
}

type Handler = (...args: unknown[]) => unknown;

interface HandlerRule {
  readonly title: string;
  /** As the stand-in for a session keeps it. */
  readonly name: string;
  readonly line: string;
  /** What the handler says in every case that matters. */
  readonly answers: (handler: Handler) => readonly unknown[];
  readonly denial: unknown;
}

function handlerRule({ title, name, line, answers, denial }: HandlerRule): Rule {
  return {
    title,
    probe: (host) => eachSession(host, (session) => {
      const handler = session.handlers.get(name);
      expect(typeof handler, `no handler for ${name}`).toBe('function');
      const given = answers(handler as Handler);
      expect(given.length).toBeGreaterThan(0);
      for (const answer of given) expect(answer).toEqual(denial);
    }),
    without: [drop('guards.ts', `${line}\n`)],
  };
}

/** What a handler answers through its callback; all its answers, when it gave none or several. */
function answerOf(ask: (answer: (value?: unknown) => void) => void): unknown {
  const given: unknown[] = [];
  ask((value) => given.push(value));
  return given.length === 1 ? given[0] : given;
}

function chooserRule(event: string, line: string): Rule {
  return {
    title: `R8: ${event} chooses none`,
    probe: (host) => eachSession(host, (session) => {
      const chosen: unknown[] = [];
      const choose = (choice: unknown): void => { chosen.push(choice); };
      // The serial chooser gets the web contents before its callback.
      const rest = event === 'select-serial-port' ? [[], {}, choose] : [{}, choose];
      expect(cancelledBy((occurrence) => session.emit(event, occurrence, ...rest))).toBe(true);
      expect(chosen).toHaveLength(1);
      expect([null, '', undefined]).toContain(chosen[0]);
    }),
    without: [drop('guards.ts', `${line}\n`)],
  };
}

const PERMISSIONS = ['media', 'geolocation', 'notifications', 'midi', 'midiSysex', 'pointerLock', 'fullscreen', 'openExternal', 'clipboard-read', 'clipboard-sanitized-write', 'display-capture', 'fileSystem', 'hid', 'serial', 'usb', 'idle-detection', 'local-fonts', 'storage-access', 'window-management', 'unknown'];

const permissionRules: readonly Rule[] = [
  handlerRule({ title: 'R8: every permission request is denied', name: 'permission-request', line: '  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));', answers: (handler) => PERMISSIONS.map((permission) => answerOf((answer) => handler({}, permission, answer, {}))), denial: false }),
  handlerRule({ title: 'R8: every permission check says no', name: 'permission-check', line: '  session.setPermissionCheckHandler(() => false);', answers: (handler) => PERMISSIONS.map((permission) => handler(null, permission, HOME, {})), denial: false }),
  handlerRule({ title: 'R8: no device is granted', name: 'device', line: '  session.setDevicePermissionHandler(() => false);', answers: (handler) => ['hid', 'serial', 'usb'].map((deviceType) => handler({ deviceType })), denial: false }),
  handlerRule({ title: 'R8: the screen is not shared', name: 'display-media', line: '  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));', answers: (handler) => [answerOf((answer) => handler({}, answer))], denial: null }),
  handlerRule({ title: 'R8: no Bluetooth device is paired', name: 'bluetooth-pairing', line: '  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));', answers: (handler) => [answerOf((answer) => handler({}, answer))], denial: { confirmed: false } }),
  handlerRule({ title: 'R49: no certificate is accepted by the window', name: 'certificate', line: '  session.setCertificateVerifyProc((_request, answer) => answer(-2));', answers: (handler) => [answerOf((answer) => handler({ verificationResult: 'net::OK' }, answer))], denial: -2 }),
  chooserRule('select-hid-device', "  session.on('select-hid-device', (event, _details, choose) => { event.preventDefault(); choose(null); });"),
  chooserRule('select-serial-port', "  session.on('select-serial-port', (event, ...[, , choose]) => { event.preventDefault(); choose(''); });"),
  chooserRule('select-usb-device', "  session.on('select-usb-device', (event, _details, choose) => { event.preventDefault(); choose(); });"),
  {
    title: 'R8: select-bluetooth-device chooses none',
    probe: (host) => eachContents(host, (contents) => {
      const chosen: unknown[] = [];
      expect(cancelledBy((event) => contents.emit('select-bluetooth-device', event, [{ deviceId: 'x' }], (choice: unknown) => { chosen.push(choice); }))).toBe(true);
      expect(chosen).toEqual(['']);
    }),
    without: [swap('guards.ts', "    event.preventDefault();\n    choose('');\n", '')],
  },
];

const placeRules: readonly Rule[] = [
  navigationRule('will-navigate', 'leave the page'),
  navigationRule('will-frame-navigate', 'load a frame'),
  navigationRule('will-redirect', 'follow a redirect'),
  {
    title: 'R9: no window is ever opened by the page',
    probe: (host) => eachContents(host, (contents) => { for (const url of ADDRESSES) expect(contents.windowOpenHandler?.({ url } as never)).toEqual({ action: 'deny' }); }),
    without: [drop('guards.ts', "  contents.setWindowOpenHandler(() => ({ action: 'deny' }));\n"), swap('guards.ts', "({ action: 'deny' })", "({ action: 'allow' })")],
  },
  {
    title: 'R9: the page cannot keep the window open',
    probe: (host) => eachContents(host, (contents) => expect(cancelledBy((event) => contents.emit('will-prevent-unload', event))).toBe(true)),
    without: [drop('guards.ts', "  contents.on('will-prevent-unload', (event) => event.preventDefault());\n")],
  },
  {
    title: 'R10: no webview is attached',
    probe: (host) => eachContents(host, (contents) => expect(cancelledBy((event) => contents.emit('will-attach-webview', event, {}, {}))).toBe(true)),
    without: [drop('guards.ts', "  contents.on('will-attach-webview', refuse('embed a page'));\n")],
  },
  {
    title: 'R11: no download starts',
    probe: (host) => eachSession(host, (session) => expect(cancelledBy((event) => session.emit('will-download', event, {}, {}))).toBe(true)),
    without: [drop('guards.ts', "  session.on('will-download', (event) => event.preventDefault());\n")],
  },
  {
    title: 'R1: everything that is created is guarded, not only the window',
    probe: (host) => {
      isNavigationRefused(host, 'will-navigate', 'https://example.com/');
      eachSession(host, (session) => expect(session.handlers.size).toBeGreaterThan(0));
    },
    without: [drop('guards.ts', "  app.on('web-contents-created', (_event, contents) => guardContents(contents, options.log));\n"), drop('guards.ts', "  app.on('session-created', (session) => guardSession(session, options));\n"), drop('main.ts', '  guardEverything({ log, isRelease });\n')],
  },
];

const networkRules: readonly Rule[] = [
  {
    title: 'R7: the window loads nothing but our own page',
    probe: async (host) => {
      for (const url of ['https://example.com/x', 'http://127.0.0.1:9/', 'file:///etc/passwd', 'ws://127.0.0.1:9/', 'app://other/', 'devtools://devtools/bundled/inspector.html', 'blob:https://example.com/1']) {
        let isRefused: unknown = null;
        eachSession(host, (session) => {
          session.onBeforeRequest?.({ url }, ({ cancel }) => { isRefused = cancel; });
          expect(isRefused, url).toBe(true);
        });
      }
      expect(await host.contents.session.load(HOME)).not.toBe('refused');
    },
    without: [drop('guards.ts', '  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !mayLoad(url, isRelease) }));\n'), swap('guards.ts', "return !isRelease && url.startsWith('devtools://')", "return url.startsWith('devtools://')")],
  },
  {
    title: 'R7: WebRTC may not send past a proxy',
    probe: (host) => eachContents(host, (contents) => expect(contents.webRtc).toBe('disable_non_proxied_udp')),
    without: [drop('guards.ts', "  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');\n")],
  },
  {
    title: 'R7: Chromium resolves no name and asks for no dictionary',
    probe: (host) => {
      expect(host.electron.switches.get('host-resolver-rules')).toBe('MAP * ~NOTFOUND');
      expect([...host.electron.switches.keys()]).toEqual(expect.arrayContaining(['disable-background-networking', 'disable-component-update', 'disable-quic', 'no-proxy-server', 'disable-domain-reliability', 'no-pings']));
      eachSession(host, (session) => expect(session.spellChecker).toBe(false));
    },
    without: [drop('confine.ts', "  ['host-resolver-rules', 'MAP * ~NOTFOUND'],\n"), drop('confine.ts', "  ['disable-background-networking'],\n"), drop('guards.ts', '  session.setSpellCheckerEnabled(false);\n'), drop('main.ts', "  confineChromium(join(args.profileDir, 'window'));\n")],
  },
  {
    title: 'R25: Chromium writes no crash dump, and nothing outside the profile',
    probe: (host) => {
      expect([...host.electron.switches.keys()]).toEqual(expect.arrayContaining(['disable-breakpad', 'disable-crash-reporter']));
      for (const name of ['userData', 'sessionData', 'crashDumps', 'logs']) expect(host.electron.paths.get(name)).toBe(join(host.profileDir, 'window'));
      expect(host.contents.session.partition).not.toMatch(/^persist:|^$/);
    },
    without: [drop('confine.ts', "  ['disable-breakpad'],\n"), swap('confine.ts', "'userData', 'sessionData'", "'userData'"), swap('window.ts', "PARTITION = 'holdfast'", "PARTITION = 'persist:holdfast'")],
  },
];

async function responseOf(host: RunningHost, url: string, method = 'GET'): Promise<Response> {
  const answer = await host.contents.session.load(url, method);
  return answer === 'refused' ? new Response('', { status: 403 }) : answer;
}

const schemeRules: readonly Rule[] = [
  {
    title: 'R3: the sandbox is on for every renderer, before Electron is ready',
    probe: (host) => { expect(host.electron.calls).toContain('enableSandbox'); },
    without: [drop('main.ts', 'app.enableSandbox();\n')],
  },
  {
    title: 'R5: the scheme is standard and secure and nothing else',
    probe: (host) => { expect(host.electron.schemes).toEqual([{ scheme: 'app', privileges: { standard: true, secure: true } }]); },
    without: [
      drop('main.ts', '\nregisterScheme();'), swap('protocol.ts', 'secure: true }', '}'),
      ...['bypassCSP', 'allowServiceWorkers', 'supportFetchAPI', 'corsEnabled'].map((privilege) => swap('protocol.ts', 'secure: true }', `secure: true, ${privilege}: true }`)),
    ],
  },
  {
    title: 'R4: the page comes from app://bundle, and no path leads out of the built folder',
    probe: async (host) => {
      expect(host.window.loaded).toEqual([HOME]);
      expect((await responseOf(host, HOME)).status).toBe(200);
      expect((await responseOf(host, `${HOME}assets/index.js`)).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
      for (const path of ['..%2f..%2fetc/passwd', '..%5c..%5cetc', 'assets/..%2f..%2f..%2fpackage.json', 'index.html%00', '%2e%2e/package.json', '/host', '/etc/passwd', 'package.json', '../../package.json', 'assets', 'assets/', '?x', 'assets/index.js?x=1', 'ASSETS/index.js']) {
        expect((await responseOf(host, `${HOME}${path}`)).status, path).not.toBe(200);
      }
      for (const url of ['app://bundle.example/', 'app://user@bundle/', 'app://bundle:80/', 'app:/etc/passwd']) expect((await responseOf(host, url)).status, url).not.toBe(200);
    },
    without: [swap('protocol.ts', 'pageFileAt(files, ORIGIN, url)', "pageFileAt(files, ORIGIN, ORIGIN + '/')")],
  },
  {
    title: 'R4: only GET is answered',
    probe: async (host) => { for (const method of ['POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE']) expect((await responseOf(host, HOME, method)).status).toBe(404); },
    without: [swap('protocol.ts', "method === 'GET' ?", "method !== '' ?")],
  },
  {
    title: 'R6: every answer carries the content policy, also a 404',
    probe: async (host) => {
      for (const url of [HOME, `${HOME}assets/index.js`, `${HOME}missing`]) {
        const { headers } = await responseOf(host, url);
        expect(headers.get('content-security-policy')).toBe(POLICY);
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
        expect(headers.get('permissions-policy')).toContain('camera=()');
      }
    },
    without: [swap('protocol.ts', ', headers: pageHeaders(contentType).map(([name, value]): [string, string] => [name, value]) }', ' }')],
  },
  {
    title: 'R12: a packaged program has no developer tools, and no menu that would open them',
    probe: (host) => {
      expect(preferencesOf(host)['devTools']).toBe(false);
      expect(host.electron.menu).toBeNull();
    },
    without: [drop('window.ts', '      devTools: !isRelease,\n'), drop('main.ts', '  setMenu();\n')],
  },
];

export const SURFACE_RULES: readonly Rule[] = [...schemeRules, ...preferenceRules, ...placeRules, ...permissionRules, ...networkRules];
