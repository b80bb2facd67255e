// Takes configuration files in, one after the other, as declared evidence; remembers what each turned out to be until the dialog closes.
import { useState } from 'react';
import type { CallOutput } from '#shared/contract.ts';
import { announce } from '../../lib/announce.ts';
import { call, ClientError } from '../../lib/client.ts';
import { refetch } from '../../lib/query.ts';
import { useAction } from '../../lib/use-action.ts';
import type { Action } from '../../lib/use-action.ts';
import { pathsOf } from '../audit/import/import-task.ts';

type Taken = CallOutput<'security.addEvidence'>;

export interface FileTaking {
  readonly taken: readonly Taken[];
  readonly action: Pick<Action<[readonly string[]]>, 'busy' | 'error'>;
  takePaths(paths: readonly string[]): Promise<void>;
  takeFiles(files: readonly File[]): Promise<void>;
  forget(): void;
}

export function useFileTaking(deploymentId: string): FileTaking {
  const [taken, setTaken] = useState<readonly Taken[]>([]);
  const action = useAction(async (paths: readonly string[], refusal: string | null = null) => {
    for (const path of paths) {
      const one = await call('security.addEvidence', { deploymentId, path });
      setTaken((before) => [...before, one]);
      announce(`Taken in: ${one.about}.`);
      refetch('security.show', 'security.fleet', 'overview.show');
    }
    if (refusal !== null) throw new ClientError({ code: 'file_not_found', message: refusal, hint: 'Choose a file of this machine.', id: 'window' });
  });
  return {
    taken, action,
    takePaths: async (paths) => { await action.run(paths, null); },
    async takeFiles(files) {
      const { paths, refusal } = await pathsOf(files);
      await action.run(paths, refusal);
    },
    forget() {
      setTaken([]);
      action.clear();
    },
  };
}
