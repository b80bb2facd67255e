// Contract to service, for the folders of this machine.
import type { CallsOf, Handlers } from '../dispatch.ts';
import type { FilesService } from './service.ts';

export function filesHandlers(files: FilesService): Handlers<CallsOf<'files'>> {
  return { 'files.folders': ({ path }) => files.folders(path) };
}
