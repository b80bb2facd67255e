// Holds the whole tree to the rules of the house. Each rule is also shown a made-up file that breaks it: a check that cannot fail proves nothing.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { coreViolations, hostViolations, unusedGround, unusedHostDoors } from './architecture/core-doors.ts';
import { certificateViolations, textAsCodeViolations } from './architecture/dangers.ts';
import {
  consoleViolations, defaultExportViolations, firstSentenceViolations, lengthViolations, lockfileViolations, machinePathViolations, nameViolations, prefixViolations, registryViolations, strayTestViolations, unfinishedViolations,
} from './architecture/form.ts';
import { ALIASES, importsOf } from './architecture/imports.ts';
import { frontDoorViolations, matrixViolations, unusedInMatrix } from './architecture/matrix.ts';
import { bridgeViolations, exposureViolations, ownerViolations, socketGlobalViolations, unusedOwners, windowViolations } from './architecture/owners.ts';
import { madeUp, readRepository } from './architecture/tree.ts';
import type { Tree, Violation } from './architecture/tree.ts';
import { zoneOf } from './architecture/zones.ts';

const tree = readRepository(fileURLToPath(new URL('..', import.meta.url)));

type Rule = (tree: Tree) => readonly Violation[];

/** As `file:line what`, so that a failing rule names its places one by one. */
function said(rule: Rule, where: Tree): string[] {
  return rule(where).map(({ file, line, what }) => `${file}:${line} ${what}`);
}

/** One file alone in a tree; how many violations the rule finds there. */
function countIn(rule: Rule, file: string, text: string): number {
  return rule(madeUp({ [file]: text })).length;
}

/** Joined here, so that this file does not itself hold what no file may hold. */
const joined = (...parts: string[]): string => parts.join('');

const CORE_FILE = 'electron/core/audit/service.ts';
const SCREEN = 'renderer/features/audit/AuditScreen.tsx';
const HOST_FILE = 'electron/hosts/chromium/window.ts';

describe('the tree that is looked at', () => {
  it('holds every part of the house, and the aliases are those of package.json', () => {
    const parts = new Set([...tree.keys()].map(zoneOf));
    for (const zone of ['shared', 'renderer', 'core', 'hosts/electron', 'hosts/chromium', 'hosts/cli', 'reference deployments', 'build', 'test'] as const) expect(parts).toContain(zone);
    const { imports } = JSON.parse(tree.get('package.json') ?? '') as { imports: Record<string, string> };
    expect(Object.fromEntries(Object.entries(imports).map(([name, path]) => [name.replace('*', ''), path.replace(/^\.\//, '').replace('*', '')]))).toEqual(ALIASES);
  });

  it('sees an import in every spelling, also of types', () => {
    const text = [
      "import a from './a.ts';", "import type { B } from '#shared/b.ts';", "import { type C } from '#core/c.ts';", "import './d.css';", "export * from './e.ts';", "export { f } from './f.ts';",
      "type G = import('keytar').G;", "type H = typeof import('electron');", "const i = await import('undici');", "const j = require('net');", "const load = createRequire(import.meta.url);",
      "load('better-sqlite3');", "createRequire(import.meta.url)('pg');", "import k = require('zod');", "process.getBuiltinModule('node:tls');", "import.meta.glob('./x/*.ts');", 'await import(name);', "load.resolve('y');", 'const z = require(`zlib`);',
    ].join('\n');
    const found = importsOf(madeUp({ 'renderer/lib/x.ts': text })).map(({ line, to }) => `${line} ${to.kind} ${to.kind === 'file' ? to.path : to.kind === 'unreadable' ? '' : to.name}`.trim());
    expect(found.sort((a, b) => parseInt(a, 10) - parseInt(b, 10))).toEqual([
      '1 file renderer/lib/a.ts', '2 file shared/b.ts', '3 file electron/core/c.ts', '4 file renderer/lib/d.css', '5 file renderer/lib/e.ts', '6 file renderer/lib/f.ts',
      '7 package keytar', '8 package electron', '9 package undici', '10 built-in node:net', '12 package better-sqlite3', '13 package pg', '14 package zod', '15 built-in node:tls', '16 file renderer/lib/x/*.ts', '17 unreadable', '18 package y', '19 built-in node:zlib',
    ]);
  });

  it('refuses to pass a file that cannot be parsed', () => {
    expect(() => matrixViolations(madeUp({ [CORE_FILE]: 'const = 1;' }))).toThrow(/cannot be parsed/);
  });
});

describe('who imports whom', () => {
  it('follows the matrix', () => {
    expect(said(matrixViolations, tree)).toEqual([]);
  });

  it.each([
    ['shared to node', 'shared/domain/time.ts', "import { join } from 'node:path';"],
    ['shared to a package', 'shared/domain/time.ts', "import { useState } from 'react';"],
    ['shared to core, by type', 'shared/domain/time.ts', "import type { Ports } from '#core/ports.ts';"],
    ['renderer to core, by type', SCREEN, "import type { Ports } from '#core/ports.ts';"],
    ['renderer to core, by path', SCREEN, "export { x } from '../../../electron/core/secret.ts';"],
    ['renderer to node', SCREEN, "import fs from 'fs';"],
    ['renderer to a package that is not listed', SCREEN, "const m = await import('micromark');"],
    ['a style sheet to a package that is not listed', 'renderer/theme/fonts.css', "@import 'bootstrap/dist.css';"],
    ['core to the renderer', CORE_FILE, "import { call } from '../../../renderer/lib/client.ts';"],
    ['core to a host', CORE_FILE, "import { x } from '../../hosts/cli/io.ts';"],
    ['core to electron', CORE_FILE, "type E = typeof import('electron');"],
    ['core to a test', CORE_FILE, "import { testPorts } from '../../../test/support/ports.ts';"],
    ['core to a reference deployment', CORE_FILE, "import { startNaviDeployment } from '../../../test/deployments/navi/server.ts';"],
    ['one host to another', HOST_FILE, "import { print } from '../cli/print.ts';"],
    ['a host beside electron to electron', HOST_FILE, "import type { Session } from 'electron';"],
    ['a host to a package', HOST_FILE, "import { Agent } from 'undici';"],
    ['a reference deployment to core', 'test/deployments/navi/server.ts', "import { Secret } from '#core/secret.ts';"],
    ['a reference deployment to a package', 'test/deployments/navi/server.ts', "import { z } from 'zod';"],
    ['the set-up to the product', 'build/setup.mjs', "import { x } from '../shared/errors.ts';"],
    ['a path made at run time', CORE_FILE, 'await import(name);'],
    ['a path out of the repository', CORE_FILE, "import { x } from '../../../../other/x.ts';"],
    ['an alias that nobody declared', CORE_FILE, "import { x } from '#renderer/lib/client.ts';"],
    ['a folder without a place', 'scripts/x.ts', 'export const x = 1;'],
  ])('refuses %s', (_name, file, text) => {
    expect(countIn(matrixViolations, file, text)).toBe(1);
  });

  it('lets tests import anything, and a part import itself', () => {
    expect(countIn(matrixViolations, 'test/e2e/x.spec.ts', "import 'electron'; import '#core/app.ts';")).toBe(0);
    expect(countIn(matrixViolations, 'electron/core/audit/service.test.ts', "import fc from 'fast-check';")).toBe(0);
    expect(countIn(matrixViolations, SCREEN, "import { call } from '../../lib/client.ts'; import { z } from '#shared/zod.ts'; import './audit.css';")).toBe(0);
  });

  it('lists no package that nothing uses', () => {
    expect(unusedInMatrix(tree)).toEqual([]);
    expect(unusedInMatrix(madeUp({ 'shared/zod.ts': "import { z } from 'zod';" }))).toContain('core undici');
  });

  it('runs its front door before there are packages', () => {
    expect(said(frontDoorViolations, tree)).toEqual([]);
    expect(frontDoorViolations(madeUp({ 'build/start.mjs': "import './a.mjs';", 'build/a.mjs': "import 'yaml';" }))).toHaveLength(1);
    expect(frontDoorViolations(madeUp({ 'build/start.mjs': "await import('./a.mjs');", 'build/a.mjs': "import 'yaml';" }))).toEqual([]);
  });
});

describe('inside core', () => {
  it('one feature reaches another through its service.ts or stands on common ground', () => {
    expect(said(coreViolations, tree)).toEqual([]);
  });

  it.each([
    ["another feature's queries", CORE_FILE, "import { allEntries } from '../ledger/queries.ts';"],
    ["another feature's types", CORE_FILE, "import type { LedgerHead } from '../ledger/chain.ts';"],
    ["another feature's handlers", CORE_FILE, "import { ledgerHandlers } from '../ledger/handlers.ts';"],
    ['the open database without the session', CORE_FILE, "import { openDatabase } from '#core/db/open.ts';"],
    ['SQL outside queries.ts', 'electron/core/audit/open-payload.ts', "import { sql } from '../db/sql.ts';"],
    ['the composition root', CORE_FILE, "import { createApp } from '../app.ts';"],
    ['a feature from the top level', 'electron/core/dispatch.ts', "import { createVault } from './credentials/passphrase-vault.ts';"],
    ['a nested service', CORE_FILE, "import { x } from '../deployments/adapters/service.ts';"],
  ])('refuses %s', (_name, file, text) => {
    expect(countIn(coreViolations, file, text)).toBe(1);
  });

  it('allows services, common ground and the own folder', () => {
    expect(countIn(coreViolations, CORE_FILE, "import '../ledger/service.ts'; import '../ports.ts'; import './queries.ts'; import type { R } from '../recorded.ts';")).toBe(0);
    expect(countIn(coreViolations, 'electron/core/app.ts', "import './ledger/handlers.ts';")).toBe(0);
  });

  it('keeps the list of common ground as short as the truth', () => {
    expect(unusedGround(tree)).toEqual([]);
    expect(unusedGround(madeUp({ [CORE_FILE]: "import '../recorded.ts';" }))).toContain('jobs/jobs.ts for audit/*/*.ts');
  });

  it('hosts come in through the doors made for them', () => {
    expect(said(hostViolations, tree)).toEqual([]);
    expect(unusedHostDoors(tree)).toEqual([]);
    expect(countIn(hostViolations, HOST_FILE, "import '#core/audit/service.ts';")).toBe(1);
    expect(countIn(hostViolations, HOST_FILE, "import type { Database } from '#core/db/open.ts';")).toBe(1);
    expect(countIn(hostViolations, HOST_FILE, "import '#core/bridge/connection.ts'; import '#core/app.ts';")).toBe(0);
    expect(unusedHostDoors(madeUp({}))).toContain('credentials/keychain.ts');
  });
});

describe('things with one owner', () => {
  it('sockets, native parts and processes are touched by their owners alone', () => {
    expect(said(ownerViolations, tree)).toEqual([]);
    expect(unusedOwners(tree)).toEqual([]);
    expect(unusedOwners(madeUp({}))).toContain('undici for electron/core/deployments/http.ts');
  });

  it.each([
    ['undici', CORE_FILE, "import { request } from 'undici';"],
    ['a type of undici', CORE_FILE, "import type { Agent } from 'undici';"],
    ['net without its prefix', CORE_FILE, "import net from 'net';"],
    ['tls, late', HOST_FILE, "const tls = await import('node:tls');"],
    ['http by require', HOST_FILE, "createRequire(import.meta.url)('http');"],
    ['dgram by process', CORE_FILE, "process.getBuiltinModule('dgram');"],
    ['a resolver', CORE_FILE, "import { lookup } from 'node:dns/promises';"],
    ['better-sqlite3', 'electron/core/db/open.ts', "import Database from 'better-sqlite3';"],
    ['keytar', 'electron/core/credentials/service.ts', "import { getPassword } from 'keytar';"],
    ['zod past its settings', 'shared/contract.ts', "import { z } from 'zod';"],
    ['a process', CORE_FILE, "import { spawn } from 'node:child_process';"],
    ["Electron's network", 'electron/hosts/electron/main.ts', "import { net } from 'electron';"],
    ["Electron's shell", 'electron/hosts/electron/main.ts', "import { shell } from 'electron';"],
    ['all of Electron', 'electron/hosts/electron/main.ts', "import * as electron from 'electron';"],
  ])('refuses %s elsewhere', (_name, file, text) => {
    expect(countIn(ownerViolations, file, text)).toBe(1);
  });

  it('nothing in the product reaches a network without an import', () => {
    expect(said(socketGlobalViolations, tree)).toEqual([]);
    for (const text of ["fetch('https://a');", "globalThis.fetch('https://a');", "new WebSocket('wss://a');", "const w = window['EventSource'];", "navigator.sendBeacon('/a');", 'new RTCPeerConnection();']) {
      expect(countIn(socketGlobalViolations, SCREEN, text), text).toBe(1);
    }
    expect(countIn(socketGlobalViolations, CORE_FILE, 'store.fetch(); service.fetch;')).toBe(0);
  });

  it('only renderer/lib/client.ts knows the bridge', () => {
    expect(said(bridgeViolations, tree)).toEqual([]);
    for (const text of ["window.holdfast.call('x');", "globalThis['holdfast'];", 'const { holdfast } = window;', 'declare global { interface Window { holdfast: unknown } }']) {
      expect(countIn(bridgeViolations, SCREEN, text), text).toBeGreaterThan(0);
      expect(countIn(bridgeViolations, 'renderer/lib/client.ts', text), text).toBe(0);
    }
  });

  it('R1: one factory makes the one kind of window', () => {
    expect(said(windowViolations, tree)).toEqual([]);
    expect(importsOf(tree).some(({ file, names }) => file === 'electron/hosts/electron/window.ts' && names.includes('BrowserWindow'))).toBe(true);
    expect(countIn(windowViolations, 'electron/hosts/electron/main.ts', 'new BrowserWindow();')).toBe(1);
    expect(countIn(windowViolations, 'electron/hosts/electron/main.ts', 'new electron.WebContentsView();')).toBe(1);
    expect(countIn(windowViolations, 'electron/hosts/electron/window.ts', 'new BrowserWindow(); new BrowserWindow();')).toBe(1);
  });

  it('R17: the preload hands the page one object', () => {
    expect(said(exposureViolations, tree)).toEqual([]);
    expect(tree.get('electron/hosts/electron/preload.ts')).toContain("exposeInMainWorld('holdfast'");
    const twice = "contextBridge.exposeInMainWorld('a', {}); contextBridge.exposeInIsolatedWorld(1, 'b', {});";
    expect(countIn(exposureViolations, 'electron/hosts/electron/preload.ts', twice)).toBe(1);
    expect(countIn(exposureViolations, 'electron/hosts/electron/window.ts', twice)).toBe(2);
  });
});

describe('code that may not exist', () => {
  it('R49: no way around the check of a certificate', () => {
    expect(said(certificateViolations, tree)).toEqual([]);
  });

  it.each([
    ['connect({ rejectUnauthorized: false });'], ['connect({ rejectUnauthorized: isStrict });'], ["options['rejectUnauthorized'] = false;"], ['connect({ checkServerIdentity: () => undefined });'],
    ["createSecureContext({ minVersion: 'TLSv1' });"], ['session.setCertificateVerifyProc((request, answer) => answer(0));'], ['session.setCertificateVerifyProc((request, answer) => answer(-3));'],
    ['session.setCertificateVerifyProc((request, answer) => { if (request.hostname) answer(-2); else answer(0); });'], ['session.setCertificateVerifyProc(null);'],
    ["app.on('certificate-error', (event) => event.preventDefault());"], ["switches.push('--ignore-certificate-errors');"], ['spawn(binary, [`--ignore-certificate-errors-spki-list=${pin}`]);'],
    [joined("process.env['NODE_TLS_REJECT", "_UNAUTHORIZED'] = '0';")], [joined('const off = process.env.NODE_TLS_REJECT', '_UNAUTHORIZED;')],
  ])('R49: refuses %s', (text) => {
    expect(countIn(certificateViolations, CORE_FILE, text)).toBeGreaterThan(0);
  });

  it('R49: allows the one answer that refuses every certificate', () => {
    expect(countIn(certificateViolations, 'electron/hosts/electron/guards.ts', 'session.setCertificateVerifyProc((_request, answer) => answer(-2));')).toBe(0);
    expect(countIn(certificateViolations, CORE_FILE, "connect({ rejectUnauthorized: true, minVersion: 'TLSv1.2' });")).toBe(0);
  });

  it('R72: no text becomes code, HTML or a shell line', () => {
    expect(said(textAsCodeViolations, tree)).toEqual([]);
  });

  it.each([
    ["eval('1');"], ["new Function('return 1');"], ['element.innerHTML = text;'], ["element['outerHTML'] = text;"], ["element.insertAdjacentHTML('beforeend', text);"],
    ['const view = <p dangerouslySetInnerHTML={{ __html: text }} />;'], ['document.write(text);'], ["import { exec } from 'node:child_process';"], ["import * as all from 'child_process';"],
  ])('R72: refuses %s', (text) => {
    expect(countIn(textAsCodeViolations, SCREEN, text)).toBe(1);
  });
});

describe('how files look', () => {
  it.each<readonly [string, Rule]>([
    ['nothing has a default export, except the configuration of a tool', defaultExportViolations],
    ['no file is longer than 400 lines', lengthViolations],
    ['every file begins with a sentence that says what it is for', firstSentenceViolations],
    ['nothing speaks to the console', consoleViolations],
    ['nothing is marked as unfinished', unfinishedViolations],
    ['R73: no file names a path of one machine', machinePathViolations],
    ['no file names the host of a package registry', registryViolations],
    ['files and folders are named alike', nameViolations],
    ['a test stands beside what it tests', strayTestViolations],
    ['no interface is marked with an I', prefixViolations],
    ['R67: every package is pinned by SHA-512, and no server is named', lockfileViolations],
  ])('%s', (_name, rule) => {
    expect(said(rule, tree)).toEqual([]);
  });

  it.each<{ readonly what: string; readonly rule: Rule; readonly file: string; readonly text: string }>([
    { what: 'a default export', rule: defaultExportViolations, file: CORE_FILE, text: 'export default 1;' },
    { what: 'a default export by name', rule: defaultExportViolations, file: CORE_FILE, text: 'const a = 1; export { a as default };' },
    { what: 'a file of 401 lines', rule: lengthViolations, file: CORE_FILE, text: 'a();\n'.repeat(401) },
    { what: 'a style sheet of 401 lines', rule: lengthViolations, file: 'renderer/theme/base.css', text: 'p {}\n'.repeat(401) },
    { what: 'a file without a first comment', rule: firstSentenceViolations, file: CORE_FILE, text: "import './a.ts';\n// Too late to say what this file is for." },
    { what: 'a first comment that is no sentence', rule: firstSentenceViolations, file: CORE_FILE, text: '// audit service\nexport const a = 1;' },
    { what: 'a style sheet without a first comment', rule: firstSentenceViolations, file: 'renderer/theme/base.css', text: 'p { color: red }' },
    { what: 'a migration without a first comment', rule: firstSentenceViolations, file: 'electron/core/db/migrations/0002-more.sql', text: 'CREATE TABLE a (b TEXT);' },
    { what: 'the console', rule: consoleViolations, file: CORE_FILE, text: joined('console', '.log(1);') },
    { what: 'the console by another way', rule: consoleViolations, file: CORE_FILE, text: "globalThis['console'];" },
    { what: 'a debugger statement', rule: consoleViolations, file: SCREEN, text: 'debugger;' },
    { what: 'unfinished work', rule: unfinishedViolations, file: 'docs/x.md', text: joined('TO', 'DO: say more') },
    { what: 'unfinished work in a comment', rule: unfinishedViolations, file: CORE_FILE, text: joined('// FIX', 'ME later') },
    { what: 'a home directory', rule: machinePathViolations, file: 'docs/x.md', text: joined('see /ho', 'me/someone/notes') },
    { what: 'a home directory of macOS', rule: machinePathViolations, file: 'docs/x.md', text: joined('see /Us', 'ers/someone/notes') },
    { what: "root's home", rule: machinePathViolations, file: 'test/x.ts', text: joined("const a = '/ro", "ot/x';") },
    { what: 'a build root', rule: machinePathViolations, file: 'test/x.ts', text: joined("const a = '/wo", "rk/main';") },
    { what: 'a home directory of Windows', rule: machinePathViolations, file: 'docs/x.md', text: joined('C:\\Us', 'ers\\someone') },
    { what: 'the host of a registry', rule: registryViolations, file: 'package-lock.json', text: joined('"resolved": "https://regis', 'try.example.org/a.tgz"') },
    { what: 'a mirror', rule: registryViolations, file: '.npmrc', text: joined('registry=https://npm.', 'example.org/x') },
    { what: 'a snake_case file', rule: nameViolations, file: 'electron/core/audit/open_payload.ts', text: '' },
    { what: 'a camelCase file', rule: nameViolations, file: 'electron/core/audit/openPayload.ts', text: '' },
    { what: 'a kebab-case component', rule: nameViolations, file: 'renderer/app/top-bar.tsx', text: '' },
    { what: 'a barrel', rule: nameViolations, file: 'shared/index.ts', text: '' },
    { what: 'utils', rule: nameViolations, file: 'electron/core/utils.ts', text: '' },
    { what: 'a folder with capitals', rule: nameViolations, file: 'electron/core/Audit/sync.ts', text: '' },
    { what: 'a migration without a number', rule: nameViolations, file: 'electron/core/db/migrations/more.sql', text: '' },
    { what: 'a test without its source', rule: strayTestViolations, file: 'electron/core/audit/sync.test.ts', text: '' },
    { what: 'an I-prefix', rule: prefixViolations, file: CORE_FILE, text: 'interface IService {}' },
    { what: 'a package without a digest', rule: lockfileViolations, file: 'package-lock.json', text: '{"packages":{"":{},"node_modules/a":{"version":"1.0.0"}}}' },
    { what: 'a package with SHA-1', rule: lockfileViolations, file: 'package-lock.json', text: '{"packages":{"node_modules/a":{"integrity":"sha1-x"}}}' },
    { what: 'a package with a server', rule: lockfileViolations, file: 'package-lock.json', text: '{"packages":{"node_modules/a":{"integrity":"sha512-x","resolved":"https://a.example/a.tgz"}}}' },
  ])('refuses $what', ({ rule, file, text }) => {
    expect(countIn(rule, file, text)).toBe(1);
  });

  it('allows what the rules mean to allow', () => {
    expect(countIn(defaultExportViolations, 'renderer/vite.config.ts', 'export default {};')).toBe(0);
    expect(countIn(lengthViolations, CORE_FILE, 'a();\n'.repeat(400))).toBe(0);
    expect(countIn(firstSentenceViolations, 'build/x.mjs', '#!/usr/bin/env node\n// Owns one thing and says which.\n')).toBe(0);
    expect(countIn(firstSentenceViolations, 'renderer/theme/base.css', '/* Ground rules for every element. */')).toBe(0);
    expect(countIn(machinePathViolations, 'docs/x.md', 'out/renderer, ~/.local/share/holdfast, https://a.example/home/x and /etc/passwd')).toBe(0);
    expect(countIn(consoleViolations, 'electron/hosts/chromium/page-script.ts', 'console.debug(mark, take);')).toBe(0);
    expect(countIn(consoleViolations, 'electron/hosts/chromium/page-script.ts', 'console.debug(mark, take); console.debug(1);')).toBe(1);
    expect(countIn(prefixViolations, CORE_FILE, 'interface Io {} interface Item {}')).toBe(0);
  });

  it('R67: the lockfile lists packages at all', () => {
    const { packages } = JSON.parse(tree.get('package-lock.json') ?? '{}') as { packages: object };
    expect(Object.keys(packages).length).toBeGreaterThan(100);
  });
});
