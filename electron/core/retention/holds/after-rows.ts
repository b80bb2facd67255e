// What follows when rows or payloads came: held ones go into the vault first, then ages are counted, then the witness signs. Whatever fails of it is told beside what came.
import { AppError } from '#shared/errors.ts';

interface Options { readonly signal?: AbortSignal }

export interface AfterRowsDeps<T> {
  readonly preserve: (deploymentId: string, options: Options) => Promise<{ readonly problem: string | null }>;
  readonly countAges: (deploymentId: string, options: Options) => Promise<void>;
  readonly sign: (deploymentId: string, options: Options) => Promise<T>;
}

/** @returns what `sign` gives, with what could not be preserved in its problem. @throws as `sign`; the message then says both */
export function createAfterRows<T extends { readonly problem: string | null }>({ preserve, countAges, sign }: AfterRowsDeps<T>): (deploymentId: string, options?: Options) => Promise<T> {
  return async (deploymentId, options = {}) => {
    const { problem } = await preserve(deploymentId, options);
    // Counted anew when somebody looks: nothing is lost without it.
    await countAges(deploymentId, options).catch((error: unknown) => { if (!(error instanceof AppError)) throw error; });
    try {
      const signed = await sign(deploymentId, options);
      return problem === null ? signed : { ...signed, problem: signed.problem === null ? problem : `${problem} ${signed.problem}` };
    } catch (error) {
      if (problem === null || !(error instanceof AppError)) throw error;
      throw new AppError(error.code, { message: `${error.message} ${problem}`, hint: error.hint, cause: error });
    }
  };
}
