// One run of the command line, from its words to an exit code: exactly one JSON document or a text on stdout, errors on stderr.
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '#core/ports.ts';
import { defaultProfileDirectory } from '#core/profile/default-directory.ts';
import { openLogFile } from '#core/profile/log-file.ts';
import { forbidCoreDumps, programVersion, systemClock } from '#core/profile/surroundings.ts';
import { visibleBlock, visibleJson, visibleLine } from '#shared/domain/visible-text.ts';
import type { WireError } from '#shared/errors.ts';
import { readCommandLine, wantsJson } from './args.ts';
import type { CommandLine, CommonValues } from './args.ts';
import { COMMANDS } from './catalogue.ts';
import type { Context, Result } from './command.ts';
import { EXIT, exitCodeOf, UsageError, wireErrorOf } from './failure.ts';
import { helpText, usageLine } from './help.ts';
import { createNotes } from './io.ts';
import type { Io, Notes } from './io.ts';
import { createPorts } from './ports.ts';
import { lookOf } from './print.ts';
import { secretsRequest } from './secrets-request.ts';
import { serve } from './serve.ts';
import { readSecret, readText } from './stdin.ts';

export interface RunOptions {
  readonly io: Io;
  /** Root of the installed program. */
  readonly programDir: string;
  /** Calls back on Ctrl-C or a request to end; returns the function that stops listening. */
  readonly onInterrupt: (interrupted: () => void) => () => void;
  /** Aborted when stdout takes nothing any more, with the stream's error as its reason. What runs is then stopped as by Ctrl-C. */
  readonly stdoutLost?: AbortSignal;
}

const SPECS = COMMANDS.map((command) => command.spec);

/** Runs one command line and returns its exit code; never throws. */
export async function run(argv: readonly string[], options: RunOptions): Promise<number> {
  const { io } = options;
  const json = wantsJson(argv);
  const notes = createNotes(io.stderr, json);
  let log: Log | null = null;
  try {
    const line = readCommandLine(argv, SPECS);
    if (line.kind !== 'command') {
      print(informational(line, options.programDir), io, json);
      return await doneOrLost(options, json);
    }
    const found = COMMANDS.find((command) => command.spec === line.spec);
    if (found === undefined) throw new Error('a command without a place in the catalogue');
    const profileDir = resolve(line.common.profile ?? defaultProfileDirectory());
    log = openLogFile({ profileDir, clock: systemClock });
    const result = await found.run(line.values, line.args, createContext({ common: line.common, profileDir, log, notes, options }));
    print(result, io, json);
    notes.release();
    if (result.failing !== undefined) return refuse({ ...result.failing, id: randomUUID() }, { io, json, topic: null });
    return await doneOrLost(options, json);
  } catch (error) {
    const wire = wireErrorOf(error);
    const lost = wire.code === 'cancelled' ? afterLoss(options, json) : null;
    if (lost !== null) return lost;
    if (wire.code === 'internal') log?.error('the command failed', { id: wire.id, cause: error instanceof Error ? error.stack : String(error) });
    return refuse(wire, { io, json, topic: error instanceof UsageError ? error.topic : null });
  }
}

/** The exit code when stdout was lost; null when it was not. A reader such as head may go early: that is no failure. */
function afterLoss({ io, stdoutLost }: RunOptions, json: boolean): number | null {
  if (stdoutLost?.aborted !== true) return null;
  const { code } = stdoutLost.reason as NodeJS.ErrnoException;
  if (code === 'EPIPE') return EXIT.done;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const problem = { message: `The output could not be written whole${isFull ? ': the disk is full' : ''}. What was done until then is kept.`, hint: 'Send it to another place, and run the command again.' };
  return refuse({ ...problem, code: isFull ? 'disk_full' : 'file_unwritable', id: randomUUID() }, { io, json, topic: null });
}

async function doneOrLost(options: RunOptions, json: boolean): Promise<number> {
  // The stream tells of its error after the write.
  await nextTurn();
  return afterLoss(options, json) ?? EXIT.done;
}

interface ContextParts {
  readonly common: CommonValues;
  readonly profileDir: string;
  readonly log: Log;
  readonly notes: Notes;
  readonly options: RunOptions;
}

function createContext({ common, profileDir, log, notes, options }: ContextParts): Context {
  const { io, programDir, stdoutLost } = options;
  const onInterrupt: RunOptions['onInterrupt'] = (interrupted) => {
    stdoutLost?.addEventListener('abort', interrupted, { once: true });
    const stop = options.onInterrupt(interrupted);
    return () => {
      stdoutLost?.removeEventListener('abort', interrupted);
      stop();
    };
  };
  const ports = createPorts({ profileDir, programDir, log });
  return {
    async serve(calls, use) {
      // Only now: core brings the native database, and a wrong command line should not need it.
      const { createApp } = await import('#core/app.ts');
      forbidCoreDumps();
      const secrets = secretsRequest({ store: common.secrets ?? null, profileDir, io, notes });
      return serve(calls, { createApp, ports, version: programVersion(programDir), secrets, stderr: io.stderr, onInterrupt }, use);
    },
    note: (text) => notes.add(text),
    out: (lines) => void io.stdout.write(lines),
    json: common.json,
    readSecret: (what) => readSecret(io, what),
    readText: (what, maxBytes) => readText(io, what, maxBytes),
    profileDir,
    look: lookOf(io.stdout, io.env),
  };
}

function informational(line: Extract<CommandLine, { kind: 'help' | 'version' }>, programDir: string): Result {
  if (line.kind === 'version') {
    const version = programVersion(programDir);
    return { document: { version }, text: version };
  }
  const text = helpText(line.topic, SPECS);
  return { document: { help: text }, text };
}

function print(result: Result, io: Io, json: boolean): void {
  if (json) {
    if (result.document !== undefined) io.stdout.write(`${visibleJson(result.document)}\n`);
  } else if (result.text !== null) io.stdout.write(`${result.text}\n`);
}

/** Writes an error for a person or for a program; gives the exit code. `topic` is set when the command line is at fault. */
function refuse({ code, message, hint, id }: WireError, { io, json, topic }: { io: Io; json: boolean; topic: readonly string[] | null }): number {
  if (json) io.stderr.write(`${visibleJson({ code, message, hint, id }, 0)}\n`);
  else {
    const usage = topic === null ? undefined : SPECS.find((spec) => spec.words.join(' ') === topic.join(' '));
    const lines = [`holdfast: ${visibleBlock(message)}`, ...(topic === null ? [] : [`Usage: ${usage === undefined ? 'holdfast COMMAND [ARGUMENTS] [OPTIONS]' : usageLine(usage)}`]), visibleBlock(hint)];
    if (code !== 'invalid_input') lines.push(`(${visibleLine(code)}, ${id})`);
    io.stderr.write(`${lines.join('\n')}\n`);
  }
  return exitCodeOf(code);
}
