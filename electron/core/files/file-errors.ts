// What the file system says, as errors of the contract; an error that is no answer of the file system stays what it is.
import { AppError } from '#shared/errors.ts';

interface SystemError { readonly code?: string | undefined }

/** The code of a file system's answer, such as ENOENT; null for any other error. */
export function systemCode(error: unknown): string | null {
  const { code } = (error ?? {}) as SystemError;
  return typeof code === 'string' && /^(?:E[A-Z0-9]+|ERR_INVALID_ARG_VALUE)$/.test(code) ? code : null;
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'The folder does not exist', ENOTDIR: 'A part of the path is no folder', EACCES: 'The system does not allow it', EPERM: 'The system does not allow it', EROFS: 'The file system is read-only',
  ENAMETOOLONG: 'The name is too long', EISDIR: 'A folder stands under this name', EFBIG: 'It is larger than this file system allows', ELOOP: 'The path goes in a circle', EIO: 'The disk failed', EINVAL: 'The file system does not take such a name',
  ERR_INVALID_ARG_VALUE: 'The path holds a character that no path may hold',
};

/** @returns disk_full or file_unwritable; anything that is not the file system's answer comes back as it was */
export function writingError(error: unknown): unknown {
  const code = error instanceof AppError ? null : systemCode(error);
  if (code === null) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('disk_full', { message: 'The disk is full. No file was left behind.', hint: 'Make room, or choose another place, then try again.', cause: error });
  return new AppError('file_unwritable', { message: `The file cannot be written there. ${WHY[code] ?? `The system said ${code}`}. No file was left behind.`, hint: 'Choose another folder or name.', cause: error });
}

/** @returns file_not_found or file_unreadable; anything that is not the file system's answer comes back as it was */
export function readingError(error: unknown): unknown {
  const code = error instanceof AppError ? null : systemCode(error);
  if (code === null) return error;
  if (code === 'ENOENT') return new AppError('file_not_found', { message: 'There is no such folder.', hint: 'Choose another one.', cause: error });
  return new AppError('file_unreadable', { message: `The folder cannot be read. ${WHY[code] ?? `The system said ${code}`}.`, hint: 'Choose another one.', cause: error });
}

/** Something stands under the name already. */
export function existsError(name: string): AppError {
  return new AppError('file_exists', { message: `${name} exists already. It was left as it is, and nothing was written.`, hint: 'Choose another name.' });
}
