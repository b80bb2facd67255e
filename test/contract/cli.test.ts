// The command line as a transport of the contract: its documents are the contract's answers, its errors the contract's codes.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '#shared/contract.ts';
import { ERROR_CODES } from '#shared/errors.ts';
import { run } from '../../electron/hosts/cli/run.ts';

const programDir = fileURLToPath(new URL('../../', import.meta.url));
let directory: string;

beforeAll(() => { directory = mkdtempSync(join(tmpdir(), 'holdfast-cli-contract-')); });
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** One command in this process, in a memory-only profile of its own: each begins empty. */
async function holdfast(args: readonly string[], input = ''): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  const code = await run([...args, '--secrets', 'memory', '--profile', mkdtempSync(join(directory, 'p-'))], {
    programDir,
    onInterrupt: () => () => undefined,
    io: { stdin: Readable.from(input === '' ? [] : [input]), stdout: { write: (text) => { stdout += text; } }, stderr: { write: (text) => { stderr += text; } }, env: {} },
  });
  return { code, stdout, stderr };
}

const URL_OPTION = ['--url', 'https://navi.acme.example'];
const TOKEN = 'canary-token-5f1c7a';

describe('the command line over the contract', () => {
  it('prints the contract\'s answer as one JSON document', async () => {
    const { code, stdout } = await holdfast(['deployment', 'add', 'Acme', ...URL_OPTION, '--environment', 'production', '--token-stdin', '--json'], TOKEN);
    expect(code).toBe(0);
    const added = contract['deployment.add'].output.parse(JSON.parse(stdout));
    expect(added).toMatchObject({ name: 'Acme', environment: 'production', readOnly: true, kind: 'navi', token: { stored: true } });
    expect(stdout).not.toContain(TOKEN);
  });

  it('gives read-write only where it was asked for, and development unless told otherwise', async () => {
    const { stdout } = await holdfast(['deployment', 'add', 'Acme', ...URL_OPTION, '--read-write', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ readOnly: false, environment: 'development', token: { stored: false } });
  });

  it.each([
    ['deployment.list', ['deployment', 'list']],
    ['ledger.list', ['ledger', 'list']],
    ['ledger.verify', ['ledger', 'verify']],
  ] as const)('serves %s on an empty profile, as the contract says', async (name, words) => {
    const { code, stdout, stderr } = await holdfast([...words, '--json']);
    expect(code, stderr).toBe(0);
    expect(contract[name].output.safeParse(JSON.parse(stdout)).error).toBeUndefined();
  });

  it.each([
    ['deployment_not_found', 3, ['deployment', 'show', 'Nobody']],
    ['deployment_not_found', 3, ['deployment', 'test', 'Nobody']],
    ['deployment_not_found', 3, ['deployment', 'remove', 'Nobody', '--confirm', 'Nobody']],
    ['deployment_not_found', 3, ['security', 'show', 'Nobody']],
    ['deployment_not_found', 3, ['security', 'show', 'Nobody', '--offline']],
    ['deployment_not_found', 3, ['audit', 'sync', 'Nobody']],
    ['deployment_not_found', 3, ['audit', 'list', 'Nobody']],
    ['deployment_not_found', 3, ['audit', 'show', 'Nobody', '1']],
    ['deployment_not_found', 3, ['audit', 'key', 'list', 'Nobody']],
    ['deployment_not_found', 3, ['audit', 'decrypt', 'Nobody', '1', '--reason', 'a real reason']],
    ['invalid_url', 3, ['deployment', 'add', 'Acme', '--url', 'not a url']],
    ['insecure_url', 3, ['deployment', 'add', 'Acme', '--url', 'http://navi.acme.example']],
    ['invalid_pin', 3, ['deployment', 'add', 'Acme', ...URL_OPTION, '--pin', 'sha256/short']],
    ['invalid_ca', 3, ['deployment', 'add', 'Acme', ...URL_OPTION, '--ca', '/nonexistent/ca.pem']],
    ['invalid_input', 2, ['deployment', 'add', '  -odd', ...URL_OPTION]],
    ['invalid_input', 2, ['deployment', 'add', 'Acme', '--token-stdin', ...URL_OPTION]],
    ['invalid_input', 2, ['audit', 'list', 'Acme', '--since', 'yesterday']],
    ['invalid_input', 2, ['deployment', 'frob']],
  ])('gives %s with exit code %i, as one JSON object on stderr and nothing on stdout', async (expected, exit, args) => {
    const { code, stdout, stderr } = await holdfast([...args, '--json']);
    const error = JSON.parse(stderr) as Record<string, string>;
    expect({ code: error['code'], exit: code }).toEqual({ code: expected, exit });
    expect(Object.keys(error)).toEqual(['code', 'message', 'hint', 'id']);
    expect(ERROR_CODES).toContain(error['code']);
    expect(error['hint']).not.toBe('');
    expect(stdout).toBe('');
  });

  it('refuses a CA file that holds no certificate', async () => {
    const path = join(directory, 'ca.pem');
    writeFileSync(path, 'no certificate');
    expect(existsSync(path)).toBe(true);
    const { code, stderr } = await holdfast(['deployment', 'add', 'Acme', ...URL_OPTION, '--ca', path, '--json']);
    expect({ code, error: (JSON.parse(stderr) as { code: string }).code }).toEqual({ code: 3, error: 'invalid_ca' });
  });

  it('says without --json what happened, what to do and the usage', async () => {
    const { code, stderr } = await holdfast(['audit', 'decrypt', 'Acme', '7']);
    expect(code).toBe(2);
    expect(stderr).toContain('--reason TEXT is missing.');
    expect(stderr).toContain('Usage: holdfast audit decrypt NAME [ID] --reason TEXT [--server]');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('gives help and version on stdout, as JSON too', async () => {
    expect((await holdfast(['--help'])).stdout).toContain('audit decrypt NAME [ID]');
    expect(JSON.parse((await holdfast(['--version', '--json'])).stdout)).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) as unknown });
    expect((await holdfast([])).code).toBe(2);
  });
});
