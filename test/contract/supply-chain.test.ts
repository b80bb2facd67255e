// What comes into the program and under which terms: the lockfile, the bill of materials, licences, and what neither code nor repository may contain.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { licenceList } from '../../build/licences.mjs';
import { dangerousCode } from '../support/dangerous-code.ts';
import { temporaryFolder } from '../support/ports.ts';
import { findSecrets } from '../support/secret-scan.ts';

interface Locked { readonly version: string; readonly name?: string; readonly license?: string; readonly integrity?: string; readonly resolved?: string; readonly hasInstallScript?: boolean; readonly dev?: boolean; readonly devOptional?: boolean; readonly optional?: boolean }

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const lock = JSON.parse(text('package-lock.json')) as { lockfileVersion: number; packages: Record<string, Locked> };
const locked = Object.entries(lock.packages).filter(([path]) => path !== '');
const production = locked.filter(([, entry]) => entry.dev !== true);
const nameOf = (path: string, entry: Locked): string => entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const temporary = temporaryFolder('supply-chain');
afterAll(() => temporary.remove());

/** Packages that would run a script at installation. None does: `.npmrc` forbids it; this list is here so that a new one is looked at. */
const KNOWN_SCRIPTS = ['electron-winstaller', '@github/keytar', 'libxmljs2'];

describe('the lockfile', () => {
  it('R66: no package runs a script at installation, and a new one that would is noticed', () => {
    expect(text('.npmrc').split('\n')).toContain('ignore-scripts=true');
    expect(locked.filter(([, entry]) => entry.hasInstallScript === true).map(([path, entry]) => nameOf(path, entry)).sort()).toEqual([...KNOWN_SCRIPTS].sort());
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare|publish)/.test(name))).toEqual([]);
  });

  it('R67: every package is pinned by SHA-512 and comes from no address of its own', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(locked.length).toBeGreaterThan(100);
    expect(locked.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '')).map(([path]) => path)).toEqual([]);
    expect(locked.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  });

  it('R67: every direct dependency is an exact version', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(text('package.json')) as Record<string, Record<string, string>>;
    for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) expect(wanted, name).toMatch(/^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+$/);
  });

  it('R15: Electron is of a line that gets fixes (43, 44 or 45)', () => {
    expect(lock.packages['node_modules/electron']?.version).toMatch(/^(43|44|45)\.\d+\.\d+$/);
  });
});

/** npm of the Node that runs the tests, for what only the registry knows. */
function npm(args: readonly string[], timeout: number): { readonly stdout: string; readonly status: number | null } {
  const own = process.env['npm_execpath'];
  const [command, first] = own !== undefined && /npm-cli\.[cm]?js$/.test(own) ? [process.execPath, [own]] : ['npm', []];
  const { stdout, status } = spawnSync(command, [...first, ...args, '--fetch-retries=0', '--fetch-timeout=8000'], { cwd: root, encoding: 'utf8', timeout, killSignal: 'SIGKILL' });
  return { stdout: stdout ?? '', status };
}

/** What the registry knows of vulnerabilities in what is shipped; null where it does not answer. */
function audit(): { readonly vulnerabilities: Record<string, { readonly severity: string }> } | null {
  try {
    const report = JSON.parse(npm(['audit', '--omit=dev', '--json'], 15_000).stdout) as { auditReportVersion?: number; vulnerabilities?: Record<string, { severity: string }> };
    return report.auditReportVersion !== undefined && report.vulnerabilities !== undefined ? { vulnerabilities: report.vulnerabilities } : null;
  } catch {
    return null;
  }
}

describe('what only the registry knows', () => {
  const report = audit();

  it('R15: nothing that is shipped has a known vulnerability of high or critical severity', (context) => {
    if (report === null) return context.skip('the registry does not answer `npm audit` from here');
    expect(Object.entries(report.vulnerabilities).filter(([, { severity }]) => severity === 'high' || severity === 'critical').map(([name]) => name)).toEqual([]);
  });

  it('R69: the registry has signed what is installed', { timeout: 150_000 }, (context) => {
    if (report === null) return context.skip('the registry does not answer from here; neither signatures nor the age of a version can be checked offline');
    const { status, stdout } = npm(['audit', 'signatures'], 120_000);
    if (status === null) return context.skip('`npm audit signatures` did not end within 120 s');
    expect(stdout).not.toMatch(/invalid registry signature|missing registry signature/i);
    expect(status).toBe(0);
  });
});

describe('the bill of materials', () => {
  it('R68: lists exactly the production packages of the lockfile, and all that the package names', () => {
    const file = join(temporary.path, 'sbom.json');
    const made = spawnSync(process.execPath, [join(root, 'node_modules', '@cyclonedx', 'cyclonedx-npm', 'bin', 'cyclonedx-npm-cli.js'), '--package-lock-only', '--omit', 'dev', '--output-format', 'JSON', '--spec-version', '1.6', '--output-reproducible', '--output-file', file], { cwd: root, encoding: 'utf8', timeout: 60_000 });
    expect(made.status, made.stderr).toBe(0);
    interface Component { readonly group?: string; readonly name: string; readonly version: string; readonly components?: readonly Component[] }
    const sbom = JSON.parse(readFileSync(file, 'utf8')) as { bomFormat: string; components: readonly Component[] };
    // A package inside another one's folder is listed inside it.
    const all = (components: readonly Component[]): readonly Component[] => components.flatMap((component) => [component, ...all(component.components ?? [])]);
    expect(sbom.bomFormat).toBe('CycloneDX');
    const listed = new Set(all(sbom.components).map(({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name}@${version}`));
    expect([...listed].sort()).toEqual([...new Set(production.map(([path, entry]) => `${nameOf(path, entry)}@${entry.version}`))].sort());
    // The list in a package is made from the installed packages, not from the lockfile.
    for (const { name, version } of licenceList()) expect(listed).toContain(`${name}@${version}`);
  });
});

const SHIPPED_LICENCES = new Set(['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'OFL-1.1']);
/** Tools are not passed on; here it is enough that using them asks for nothing. */
const TOOL_LICENCES = new Set([...SHIPPED_LICENCES, 'MPL-2.0', 'BlueOak-1.0.0', 'Python-2.0', 'CC0-1.0', 'CC-BY-3.0', 'WTFPL']);

/** True when the expression offers at least one licence of the list. */
function isAllowed(expression: string | undefined, allowed: ReadonlySet<string>): boolean {
  return (expression ?? '').replaceAll(/[()]/g, '').split(' OR ').some((licence) => allowed.has(licence));
}

describe('licences', () => {
  it('R71: everything that is shipped, and every tool, has a licence of the list', () => {
    expect(production.filter(([, { license }]) => !isAllowed(license, SHIPPED_LICENCES)).map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
    expect(locked.filter(([, { license }]) => !isAllowed(license, TOOL_LICENCES)).map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
    for (const expression of ['AGPL-3.0', 'GPL-3.0-only', 'UNLICENSED', 'SEE LICENSE IN x', undefined, 'MIT AND GPL-2.0']) expect(isAllowed(expression, TOOL_LICENCES)).toBe(false);
  });

  it('R71: what the installed packages say is what the lockfile says', () => {
    const byName = new Map(locked.map(([path, entry]) => [`${nameOf(path, entry)}@${entry.version}`, entry.license]));
    for (const { name, version, licence } of licenceList()) expect(licence, name).toBe(byName.get(`${name}@${version}`));
  });

  it('the project itself is Apache-2.0, with the whole text', () => {
    expect((JSON.parse(text('package.json')) as { license: string }).license).toBe('Apache-2.0');
    expect(text('LICENSE')).toContain('Version 2.0, January 2004');
    expect(text('LICENSE')).toContain('END OF TERMS AND CONDITIONS');
  });
});

const NOT_OURS = new Set(['node_modules', 'out', '.git', '.cache', 'test-results', 'playwright-report', 'coverage']);

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

describe('the code', () => {
  const sources = ['electron', 'renderer', 'shared', 'build', 'test/deployments'].flatMap(filesBelow).filter((path) => /\.[cm]?[jt]sx?$/.test(path) && !/\.(test|spec)\.tsx?$/.test(path));

  it('R72: nothing of the product turns text into code, HTML or a shell command', () => {
    expect(sources.length).toBeGreaterThan(150);
    expect(sources.flatMap((path) => dangerousCode(path, text(path)).map((find) => `${path}:${find}`))).toEqual([]);
  });

  it.each([
    'eval(x);', 'new Function("a", x);', 'Function(x);', 'element.innerHTML = x;', 'element["outerHTML"] = x;', 'element.insertAdjacentHTML("beforeend", x);', 'document.write(x);',
    'setTimeout("run()", 1);', 'const a = <p dangerouslySetInnerHTML={{ __html: x }} />;', 'createElement("p", { dangerouslySetInnerHTML: { __html: x } });', 'import { exec } from "node:child_process";',
    'import * as processes from "child_process";', 'import processes from "node:child_process";', 'spawn(x, { shell: true });', 'import vm from "node:vm";', 'const f = <iframe srcDoc={x} />;',
  ])('R72: the check finds %s', (code) => { expect(dangerousCode('example.tsx', code)).toHaveLength(1); });

  it.each(['// eval(x)', 'const a = "new Function(x)";', 'database.exec(sql);', 'pattern.exec(x);', 'import { spawn } from "node:child_process";', 'setTimeout(run, 1);'])('R72: the check leaves %s alone', (code) => { expect(dangerousCode('example.ts', code)).toEqual([]); });
});

/** Files that hold made-up secrets on purpose: published vectors and captures of a test server. */
const MADE_UP = /^test\/fixtures\//;

describe('the repository', () => {
  it('R73: holds no secret outside the fixtures', () => {
    const files = filesBelow('').filter((path) => !MADE_UP.test(path) && statSync(join(root, path)).size < 2_000_000 && !/\.(png|woff2|ico|icns)$/.test(path) && path !== 'package-lock.json');
    expect(files.length).toBeGreaterThan(200);
    expect(files.flatMap((path) => findSecrets(text(path)).map(({ kind, line, begins }) => `${relative(root, join(root, path)).split(sep).join('/')}:${line} ${kind} (${begins}…)`))).toEqual([]);
  });

  it('R73: the check finds what it is there for', () => {
    const random = 'q7Zx9Lm2Vt4Rb8Ny6Wk3Hd5Jf1Pc0Gs';
    const examples = [
      ['-----BEGIN', ' PRIVATE KEY-----\n', 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ'],
      ['ey', 'JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.ey', 'JzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6In.', 'SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV'],
      ['AKIA', 'IOSFODNN7EXAMPLE'], ['ghp', '_', random, random.slice(0, 8)], ['npm', '_', random, 'abcdefg'.slice(0, 5)], ['https://admin:', 'hunter22', '@example.com/'], ['const apiKey', ' = "', random, '";'],
      ['gAAAAA', 'B', random, random, random],
    ];
    for (const parts of examples) expect(findSecrets(parts.join('')), parts[0]).toHaveLength(1);
    for (const harmless of ['const token = "the-token-of-the-first-user";', "password: 'correct horse battery staple'", 'const tokenName = "deployment.setToken.request";', '-----BEGIN CERTIFICATE-----']) expect(findSecrets(harmless)).toEqual([]);
  });
});
