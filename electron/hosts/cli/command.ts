// What a command is: its spec, the calls it may make, and what it hands back; it neither writes to a stream nor ends the process.
import type { CallInput, CallName, CallOutput, Envelope } from '#shared/contract.ts';
import type { ErrorCode } from '#shared/errors.ts';
import type { Argument, ArgumentSpec, ArgumentValues, CommandSpec, OptionSpecs, OptionValues } from './args.ts';
import type { Look } from './print.ts';

/** The app, narrowed to the calls that were asked for. */
export interface Served<N extends CallName> {
  /** Aborted by Ctrl-C; from then on every call is refused. */
  readonly interrupted: AbortSignal;
  /** Throws Refused when the call is refused. */
  call<K extends N>(name: K, input: CallInput<K>): Promise<CallOutput<K>>;
  attempt<K extends N>(name: K, input: CallInput<K>): Promise<Envelope<CallOutput<K>>>;
}

export interface Context {
  /**
   * Opens the app, for writing only if one of `calls` is not a read by the contract, hands it to `use` and closes it.
   * So reads work while a window holds the profile.
   */
  serve<N extends CallName, T>(calls: readonly N[], use: (app: Served<N>) => Promise<T>): Promise<T>;
  /** A remark on stderr. */
  note(text: string): void;
  /** Lines of a result that is not held until its end; each ends with a line feed. The result's own text is then null. */
  out(lines: string): void;
  /** One JSON document was asked for: nothing else may go out. */
  readonly json: boolean;
  /** A secret from stdin, or typed without echo. */
  readSecret(what: string): Promise<string>;
  /** All of stdin as it is; `what` names it in errors. */
  readText(what: string, maxBytes: number): Promise<string>;
  /** Absolute. */
  readonly profileDir: string;
  readonly look: Look;
}

export interface Failing { readonly code: ErrorCode; readonly message: string; readonly hint: string }

export interface Result {
  /** The JSON document; undefined when documents went out line by line. */
  readonly document: unknown;
  /** The same for people; null when it went out line by line. */
  readonly text: string | null;
  /** Set when the result itself is bad news (a broken ledger): it is printed, and the exit code says so. */
  readonly failing?: Failing | undefined;
}

export interface Command {
  readonly spec: CommandSpec;
  run(values: Readonly<Record<string, unknown>>, args: readonly Argument[], context: Context): Promise<Result>;
}

/** Ties a spec to its typed run function. */
export function command<const A extends readonly ArgumentSpec[], const O extends OptionSpecs>(
  spec: CommandSpec & { readonly arguments: A; readonly options: O },
  run: (input: { readonly args: ArgumentValues<A>; readonly options: OptionValues<O> }, context: Context) => Promise<Result>,
): Command {
  // The reader of the command line has made values of exactly the spec's shape.
  return { spec, run: (values, args, context) => run({ args: args as unknown as ArgumentValues<A>, options: values as unknown as OptionValues<O> }, context) };
}
